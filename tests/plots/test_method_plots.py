"""Elements of the pictures of methods, evidence and comparisons."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from mall_app.data.table import Table
from mall_app.evidence import evidence
from mall_app.features import build_features
from mall_app.fit import fit, resolve
from mall_app.geometry.hierarchy import hierarchy
from mall_app.geometry.k_distance import k_distance
from mall_app.plots.compare import agreement_with, compared_points, matched
from mall_app.plots.dendrogram import (
    dendrogram_lines,
    leaf_segments,
    segment_strip,
    strip_numbers,
)
from mall_app.plots.evidence import drawn_indices, index_curve, segment_overlaps
from mall_app.plots.k_distance import distance_curve, distance_knee, distance_title
from mall_app.plots.membership import membership_of, shading
from mall_app.plots.palette import Palette, marker
from mall_app.settings import Settings

hv.extension("bokeh")

LIGHT = Palette()
FEATURES = ("Annual Income (k$)", "Spending Score (1-100)")


def test_a_dendrogram_has_the_colours_of_the_segments(mall: Table) -> None:
    settings = resolve(mall, Settings("agglomerative", n_clusters=4, features=FEATURES))
    own, result = hierarchy(mall, settings), fit(mall, settings)
    segments = leaf_segments(own, result)
    assert (segments[own.leaves] == result.labels).all()
    lines = dendrogram_lines(own, result, LIGHT)
    assert len(lines) == 3 * (own.n_leaves - 1)
    assert lines["y1"].max() == own.heights[-1]
    colours = set(lines["color"])
    assert colours == {LIGHT.muted} | {LIGHT.colour(number) for number in range(4)}
    above = lines["y1"] > own.height_of(4)
    across = lines["y0"] == lines["y1"]
    assert (above & across).sum() == 3  # joins above the cut, one less than segments
    assert set(np.asarray(lines["color"])[above & across]) == {LIGHT.muted}


def test_the_strip_under_a_dendrogram_counts_every_customer_once(mall: Table) -> None:
    settings = resolve(mall, Settings("agglomerative", n_clusters=4, features=FEATURES))
    own, result = hierarchy(mall, settings), fit(mall, settings)
    strip = segment_strip(own, result, LIGHT)
    assert len(strip) == 4
    assert sum(strip["customers"]) == 200
    assert sorted(strip_numbers(own, result)["text"]) == ["0", "1", "2", "3"]


def test_numbers_with_gaps_are_shown_as_they_are(mall: Table) -> None:
    settings = resolve(mall, Settings("agglomerative", n_clusters=3, features=FEATURES))
    result = fit(mall, settings.changed(numbering=(7, 0, 4)))
    texts = strip_numbers(hierarchy(mall, settings), result)["text"]
    assert set(texts) == {"0", "4", "7"}


def test_a_k_distance_curve_goes_over_all_customers(mall: Table) -> None:
    own = k_distance(mall, resolve(mall, Settings("dbscan", features=FEATURES)))
    curve, knee = distance_curve(own), distance_knee(own)
    assert (curve["share"][-1], len(curve)) == (100.0, 200)
    assert (np.diff(curve["distance"]) <= 0).all()
    assert knee["distance"].tolist() == [own.knee]
    assert distance_title(own) == "Distance to the 4th nearest (scaled units)"


def test_memberships_are_those_of_scikit_learn(mall: Table) -> None:
    settings = resolve(mall, Settings("gaussian_mixture", n_clusters=4, features=FEATURES))
    result = fit(mall, settings)
    own = membership_of(mall, result)
    assert own is not None
    values = build_features(mall, settings).values
    expected = GaussianMixture(4, n_init=3, max_iter=200, random_state=0).fit(values)
    shares = np.sort(expected.predict_proba(values), axis=1)
    np.testing.assert_allclose(own.share, shares[:, -1], atol=1e-6)
    np.testing.assert_allclose(own.second_share, shares[:, -2], atol=1e-6)
    assert (own.second != result.labels).all()
    assert (np.diff(own.share[own.between]) >= 0).all()
    assert (shading(own.share) <= 0.9).all()


def test_other_methods_know_no_membership(mall: Table) -> None:
    assert membership_of(mall, fit(mall, Settings("kmeans", n_clusters=3))) is None


def test_curves_and_overlaps_of_evidence(mall: Table) -> None:
    found = evidence(mall, Settings(features=FEATURES), range(2, 5), n_bootstraps=3)
    assert "bic" not in drawn_indices(found)
    curve = index_curve(found, "gap")
    assert curve.vote == found.indices["gap"].best_k
    assert curve.values == found.indices["gap"].values
    assert curve.axis == "Gap (logarithms)"
    dots = segment_overlaps(found, LIGHT)
    assert dots["k"].tolist() == [2] * 2 + [3] * 3 + [4] * 4
    hollow = np.asarray(dots["fill"]) == LIGHT.ground
    assert (hollow == (dots["jaccard"] < 0.6)).all()
    assert len(segment_overlaps(None, LIGHT)) == 0


@pytest.mark.parametrize("other", ["agglomerative", "hdbscan"])
def test_a_comparison_has_the_colours_in_use(mall: Table, other: str) -> None:
    current = fit(mall, Settings("kmeans", n_clusters=5, features=FEATURES))
    second = fit(mall, Settings(other, n_clusters=5, features=FEATURES))
    points = compared_points(mall, current, second, FEATURES, LIGHT)
    numbers = matched(current, second) | {-1: -1}
    expected = [LIGHT.colour(numbers[label]) for label in second.labels.tolist()]
    assert list(points["color"]) == expected
    assert list(points["marker"]) == [marker(numbers[own]) for own in second.labels.tolist()]
    grouped = second.labels >= 0
    assert agreement_with(current, second) == pytest.approx(
        adjusted_rand_score(current.labels[grouped], second.labels[grouped])
    )


def test_all_noise_agrees_with_nothing(mall: Table) -> None:
    current = fit(mall, Settings("kmeans", n_clusters=2, features=FEATURES))
    noise = fit(mall, Settings("dbscan", features=FEATURES, params={"eps": 1e-6}))
    assert noise.n_clusters == 0
    assert agreement_with(current, noise) is None
