"""New customers are placed as scikit-learn places them, or as the rule is written out."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, BisectingKMeans, KMeans
from sklearn.datasets import make_blobs
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import NearestNeighbors

from mall_app.assigners import (
    CentreTree,
    CoreDistance,
    MixtureAssigner,
    NearestCentre,
    NearestNeighbours,
    from_state,
    relabelled,
)
from mall_app.geometry.points import Points

VALUES, GROUPS = make_blobs(300, centers=5, n_features=3, cluster_std=2.5, random_state=4)
NEW = np.random.default_rng(1).uniform(VALUES.min(0) - 2, VALUES.max(0) + 2, size=(400, 3))


def test_nearest_centre_is_what_k_means_predicts():
    fitted = KMeans(5, n_init=2, random_state=0).fit(VALUES)
    given = NearestCentre.of(fitted.cluster_centers_).assign(Points(NEW))
    assert given.labels.tolist() == fitted.predict(NEW).tolist()
    two = np.sort(fitted.transform(NEW), axis=1)[:, :2]
    np.testing.assert_allclose(given.confidence, 1 - two[:, 0] / two[:, 1])


@pytest.mark.parametrize("strategy", ["biggest_inertia", "largest_cluster"])
def test_the_tree_is_what_bisecting_k_means_predicts(strategy):
    fitted = BisectingKMeans(7, bisecting_strategy=strategy, random_state=0).fit(VALUES)
    tree = CentreTree.of(fitted)
    assert tree.assign(Points(NEW)).labels.tolist() == fitted.predict(NEW).tolist()
    nearest = NearestCentre.of(fitted.cluster_centers_).assign(Points(NEW)).labels
    assert (nearest != fitted.predict(NEW)).any()  # the tree is needed for it


@pytest.mark.parametrize("shape", ["full", "tied", "diag", "spherical"])
def test_the_mixture_is_what_scikit_learn_predicts(shape):
    fitted = GaussianMixture(4, covariance_type=shape, random_state=0).fit(VALUES)
    assigner = MixtureAssigner.of(fitted)
    given = assigner.assign(Points(NEW))
    posterior = fitted.predict_proba(NEW)
    assert given.labels.tolist() == fitted.predict(NEW).tolist()
    np.testing.assert_allclose(given.confidence, posterior.max(axis=1))
    np.testing.assert_allclose(assigner.membership(Points(NEW)), posterior)


def test_merged_components_add_up_and_lost_ones_share_out():
    fitted = GaussianMixture(4, random_state=0).fit(VALUES)
    posterior = fitted.predict_proba(NEW)
    merged = MixtureAssigner.of(fitted).renumbered({0: 7, 1: 2, 2: 7, 3: 5})
    shares = np.stack([posterior[:, 1], posterior[:, 3], posterior[:, [0, 2]].sum(axis=1)], axis=1)
    np.testing.assert_allclose(merged.membership(Points(NEW)), shares)
    best = posterior.argmax(axis=1)
    assert merged.assign(Points(NEW)).labels.tolist() == np.array([7, 2, 7, 5])[best].tolist()
    fewer = MixtureAssigner.of(fitted).renumbered({0: 0, 1: 1, 3: 2})
    left = posterior[:, [0, 1, 3]]
    known = left.sum(axis=1) > 1e-6
    np.testing.assert_allclose(
        fewer.membership(Points(NEW))[known], (left / left.sum(axis=1, keepdims=True))[known]
    )


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_cores_reach_as_far_as_eps(metric):
    fitted = DBSCAN(eps=3.0, min_samples=5, metric=metric).fit(VALUES)
    cores = fitted.core_sample_indices_
    rule = CoreDistance(VALUES[cores], fitted.labels_[cores].astype(np.int64), 3.0, metric)
    distances = Points(NEW, metric).distances(VALUES[cores])
    nearest = fitted.labels_[cores][distances.argmin(axis=1)]
    expected = np.where(distances.min(axis=1) <= 3.0, nearest, -1)
    given = rule.assign(Points(NEW, metric))
    assert given.labels.tolist() == expected.tolist()
    assert {-1} < set(expected.tolist())
    assert ((given.confidence >= 0) & (given.confidence <= 1)).all()


def test_without_cores_everybody_is_noise():
    rule = CoreDistance(np.empty((0, 3)), np.empty(0, dtype=np.int64), 1.0)
    assert set(rule.assign(Points(NEW)).labels.tolist()) == {-1}


@pytest.mark.parametrize(("metric", "p"), [("euclidean", 2), ("cityblock", 1)])
def test_neighbours_vote_as_scikit_learn_finds_them(metric, p):
    rule = NearestNeighbours.of(Points(VALUES, metric), GROUPS, gives_noise=False)
    given = rule.assign(Points(NEW, metric))
    distances, rows = NearestNeighbors(n_neighbors=10, p=p).fit(VALUES).kneighbors(NEW)
    assert given.labels.tolist() == GROUPS[rows[:, 0]].tolist()
    share = (GROUPS[rows] == GROUPS[rows[:, :1]]).mean(axis=1)
    np.testing.assert_allclose(given.confidence, share)
    assert rule.method == "nearest_neighbours"


def test_who_is_out_of_reach_of_a_segment_is_noise():
    values = np.array([[0.0], [1.0], [3.0], [20.0], [20.5], [40.0]])
    labels = np.array([0, 0, 0, 1, 1, -1])
    rule = NearestNeighbours.of(Points(values), labels, gives_noise=True)
    new = np.array([[5.0], [5.1], [21.0], [21.1], [39.0], [41.0]])
    assert rule.assign(Points(new)).labels.tolist() == [0, -1, 1, -1, -1, -1]
    assert rule.method == "approximate"


def test_of_equal_customers_the_more_frequent_segment_counts():
    values = np.array([[1.0], [1.0], [1.0], [2.0], [2.0]])
    rule = NearestNeighbours.of(Points(values), np.array([0, 3, 3, 5, 4]), gives_noise=False)
    assert rule.assign(Points(np.array([[1.0], [2.0]]))).labels.tolist() == [3, 4]


def test_many_centres_of_few_labels_give_the_same_by_trees():
    centres = np.random.default_rng(0).normal(size=(900, 3))
    labels = np.arange(900) % 3
    few = NearestCentre(centres, labels)
    given = few.assign(Points(NEW))
    distances = Points(NEW).distances(centres)
    assert given.labels.tolist() == labels[distances.argmin(axis=1)].tolist()
    each = np.sort([distances[:, labels == own].min(axis=1) for own in range(3)], axis=0)
    np.testing.assert_allclose(given.confidence, 1 - each[0] / each[1])


def test_a_merge_keeps_the_rule_and_a_split_gives_it_up():
    rule = NearestCentre.of(np.array([[0.0], [5.0], [9.0]]))
    own = np.array([0, 1, 2, 2])
    merged = relabelled(rule, own, np.array([4, 4, 1, 1]))
    given = merged.assign(Points(np.array([[2.0], [8.0]])))
    assert given.labels.tolist() == [4, 1]
    assert given.confidence[0] == pytest.approx(
        1 - 2 / 7
    )  # the other centre of its own is no rival
    assert relabelled(rule, own, np.array([0, 1, 2, 3])) is None
    assert relabelled(None, own, own) is None


RULES = {
    "centres": NearestCentre.of(VALUES[:4]),
    "tree": CentreTree.of(BisectingKMeans(4, random_state=0).fit(VALUES)),
    "mixture": MixtureAssigner.of(GaussianMixture(3, random_state=0).fit(VALUES)),
    "cores": CoreDistance(VALUES[:9], np.zeros(9, dtype=np.int64), 1.0, "cityblock"),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_comes_back_from_its_state(name):
    again = from_state(RULES[name].state())
    before, after = RULES[name].assign(Points(NEW)), again.assign(Points(NEW))
    assert type(again) is type(RULES[name])
    assert after.labels.tolist() == before.labels.tolist()
    assert after.confidence.tolist() == before.confidence.tolist()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"kind": "Elsewhere"},
        {"kind": "NearestCentre", "centres": VALUES[:2], "labels": np.array([0])},
        {"kind": "NearestCentre", "centres": VALUES[:1], "labels": np.array([0.5])},
        {"kind": "NearestCentre", "centres": VALUES[:1], "labels": "0"},
    ],
)
def test_a_state_that_is_none_is_refused(state):
    with pytest.raises(ValueError, match=r"\.$"):
        from_state(state)
