"""A link that cannot be opened says why, and the page works as if it had not been given one."""

from __future__ import annotations

import pytest

from mall_app.views.link import open_link
from tests.app.bench import Bench


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"n_clusters": "1"}, "n_clusters must be an integer from 2 to 1000, not 1."),
        ({"x": "Nowhere"}, "x names 'Nowhere', which is no axis"),
        ({"<img src=x>": "1"}, "which is no setting"),
        ({"features": "Agee"}, "did you mean 'Age'?"),
        ({"n_clusters": "150", "edits": '[{"action":"undo"}]'}, "edits[0]"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(bench: Bench, query: dict[str, str], told: str) -> None:
    open_link(bench.state, {name: [value.encode()] for name, value in query.items()})
    [alert] = bench.alerts()
    assert alert.startswith("The link could not be opened. ")
    assert told in alert
    assert round(bench.model.result.silhouette_score, 3) == 0.555
    bench.model.n_clusters -= 1
    assert round(bench.model.result.silhouette_score, 3) == 0.494
    assert bench.alerts() == []
