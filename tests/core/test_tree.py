from __future__ import annotations

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from mall_app.segments.tree import Node, grow


def leaves(nodes: list[Node], deepest: int) -> list[Node]:
    """Nodes that have no children."""
    parents = {own.path[:-1] for own in nodes}
    assert all(1 <= len(own.path) <= deepest for own in nodes)
    return [own for own in nodes if own.path not in parents]


def gini(nodes: list[Node], target: np.ndarray, weights: np.ndarray) -> float:
    hits = [float(weights[own.rows & target].sum()) for own in nodes]
    sizes = [float(weights[own.rows].sum()) for own in nodes]
    return sum(
        2 * hit * (size - hit) / size for hit, size in zip(hits, sizes, strict=True)
    ) / float(weights.sum())


@pytest.mark.parametrize("deepest", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_trees_agree_with_scikit_learn(seed: int, deepest: int) -> None:
    """Same leaves, for several targets grown at once; only it splits pure ones, for rounding."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(3, 150))
    groups = np.digitize(values[0] + values[1] ** 2 + generator.normal(size=150) / 2, [0, 1, 2])
    targets = groups == np.arange(4)[:, None]
    weights = generator.uniform(0.5, 2.0, 150)
    trees = grow(values, targets, weights, np.full(4, 1e-9), deepest)
    for target, nodes in zip(targets, trees, strict=True):
        peer = DecisionTreeClassifier(max_depth=deepest, random_state=0)
        peer.fit(values.T, target, sample_weight=weights)
        ends = peer.apply(values.T)
        found = leaves(nodes, deepest)
        for end in np.unique(ends):
            assert any((own.rows[ends == end]).all() for own in found)
        expected = (peer.tree_.impurity * peer.tree_.weighted_n_node_samples) @ (
            peer.tree_.children_left < 0
        )
        assert gini(found, target, weights) == pytest.approx(expected / weights.sum())


def test_impurity_is_that_of_scikit_learn_with_a_least_leaf() -> None:
    generator = np.random.default_rng(9)
    values = generator.normal(size=(4, 200))
    target = (values[0] > 0.3) ^ (generator.random(200) < 0.2)
    nodes = grow(values, target[None], np.ones(200), np.array([12.0]), 3)[0]
    peer = DecisionTreeClassifier(max_depth=3, min_samples_leaf=12).fit(values.T, target).tree_
    ends = peer.children_left < 0
    expected = (peer.impurity * peer.weighted_n_node_samples)[ends].sum() / 200
    assert gini(leaves(nodes, 3), target, np.ones(200)) == pytest.approx(expected)
    assert min(int(own.rows.sum()) for own in nodes) >= 12


def test_a_split_with_missing_values_is_the_best_of_all() -> None:
    """Tried one by one; rows without a value are a side of their own."""
    generator = np.random.default_rng(3)
    values = generator.integers(0, 9, size=(3, 60)).astype(float)
    target = values[1] + generator.normal(size=60) * 2 > 4
    values[generator.random((3, 60)) < 0.25] = np.nan
    nodes = grow(values, target[None], np.ones(60), np.ones(1), 1)[0]

    def left_impure(column: np.ndarray, limit: float) -> float:
        sides = (column <= limit, column > limit, np.isnan(column))
        return sum(side.sum() * target[side].var() for side in sides if side.any())

    tried = [
        left_impure(column, limit)
        for column in values
        for limit in np.unique(column[~np.isnan(column)])[:-1]
    ]
    step = nodes[0].path[0]
    assert left_impure(values[step.column], step.below) == pytest.approx(min(tried))
    known = ~np.isnan(values[step.column])
    assert ((nodes[0].rows | nodes[1].rows) == known).all()


@pytest.mark.parametrize("column", [[1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 1.0, 2.0], [np.nan] * 4])
def test_nothing_to_gain_is_no_split(column: list[float]) -> None:
    target = np.array([[True, True, False, False]])
    assert grow(np.array([column]), target, np.ones(4), np.ones(1), 3) == [[]]
