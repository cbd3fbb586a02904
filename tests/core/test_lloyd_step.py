"""One pass of k-means agrees with numpy, whatever the type, shape and threads."""

import numpy as np
import pytest

from mall_app.kernels.lloyd_step import LloydStep, lloyd_step


def by_numpy(values, centres):
    wide = values.astype(np.float64)
    apart = ((wide[:, None, :] - centres[None]) ** 2).sum(axis=2)
    labels = apart.argmin(axis=1)
    members = np.eye(len(centres))[labels]
    return labels, members.T @ wide, members.sum(axis=0), apart.min(axis=1).sum()


def spread(n_rows, n_dimensions, n_clusters, kind="float64", offset=0.0):
    generator = np.random.default_rng(n_rows + n_dimensions)
    values = (generator.normal(size=(n_rows, n_dimensions)) + offset).astype(kind)
    chosen = generator.choice(n_rows, n_clusters, replace=False)
    return values, values[chosen].astype(np.float64)


SHAPES = [(1, 1, 1), (127, 3, 5), (128, 4, 2), (1000, 9, 30), (300, 150, 7), (1500, 2, 1000)]
# Each number of columns that is left beside those worked on in one go; few clusters, and more.
SHAPES += [(200, columns, clusters) for columns in range(1, 9) for clusters in (3, 8, 9)]


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize(("n_rows", "n_dimensions", "n_clusters"), SHAPES)
def test_a_pass_agrees_with_numpy(n_rows, n_dimensions, n_clusters, kind):
    values, centres = spread(n_rows, n_dimensions, n_clusters, kind)
    labels = np.empty(n_rows, dtype=np.int32)
    step = lloyd_step(values, centres, labels)
    expected, sums, counts, inertia = by_numpy(values, centres)
    assert labels.tolist() == expected.tolist()
    assert step.counts.tolist() == counts.tolist()
    np.testing.assert_allclose(step.sums, sums, rtol=1e-12, atol=1e-12)
    assert step.inertia == pytest.approx(inertia, rel=1e-12, abs=1e-12)


def test_far_from_zero_no_digit_is_lost():
    values, centres = spread(500, 3, 4, offset=2.0**30)
    near = lloyd_step(values - 2.0**30, centres - 2.0**30)
    far = lloyd_step(values, centres)
    assert far.inertia == pytest.approx(near.inertia, rel=1e-12)
    assert far.counts.tolist() == near.counts.tolist()


def test_of_equally_near_centres_the_first_is_taken():
    labels = np.empty(3, dtype=np.int32)
    lloyd_step(np.array([[1.0], [3.0], [3.0]]), np.array([[2.0], [0.0], [2.0], [4.0]]), labels)
    assert labels.tolist() == [0, 0, 0]


def test_steps_over_parts_add_up_to_the_step_over_all():
    values, centres = spread(400, 3, 4)
    whole = lloyd_step(values, centres)
    parts = lloyd_step(values[:150], centres) + lloyd_step(values[150:], centres)
    assert parts.counts.tolist() == whole.counts.tolist()
    np.testing.assert_allclose(parts.sums, whole.sums, rtol=1e-12, atol=1e-12)
    assert parts.inertia == pytest.approx(whole.inertia, rel=1e-12)


def test_sums_do_not_depend_on_the_number_of_threads(monkeypatch):
    values, centres = spread(200_000, 2, 3)
    found = []
    for threads in ("1", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        found.append(lloyd_step(values, centres))
    assert found[0].inertia == found[1].inertia
    assert found[0].sums.tobytes() == found[1].sums.tobytes()


def test_read_only_rows_are_served_and_left_as_they_are():
    values, centres = spread(50, 3, 4)
    before = values.copy()
    values.setflags(write=False)
    lloyd_step(values, centres)
    assert np.array_equal(values, before)


def test_a_centre_without_rows_stays_where_it_is():
    centres = np.array([[1.0], [50.0]])
    step = lloyd_step(np.array([[0.0], [4.0]]), centres)
    assert step.means(centres).tolist() == [[2.0], [50.0]]


def test_no_rows_give_an_empty_step():
    step = lloyd_step(np.empty((0, 2)), np.zeros((3, 2)))
    assert isinstance(step, LloydStep)
    assert step.counts.tolist() == [0, 0, 0]
    assert step.inertia == 0.0
