"""Peer of the page: the usual Panel page for this, one function that refits and redraws all.

Served with ``panel serve``; what a slider in it takes is what a Panel page takes that does
its work where the widget's event is handled, and makes new objects for every value.
"""

import holoviews as hv
import panel as pn

from tests.benchmarks.peer_direct import FEATURES, fit_and_score, load_points

pn.extension()
hv.extension("bokeh")


def show(n_clusters: int) -> pn.Column:
    """Fit, score and draw."""
    points = load_points()
    answer = fit_and_score(points, random_state=0, n_clusters=n_clusters)
    customers = hv.Points((*points.T, answer["labels"]), FEATURES, "segment")
    return pn.Column(
        pn.pane.Str(f"{answer['silhouette_score']:.3f}"),
        customers.opts(color="segment", cmap="Category10", size=8, width=600, height=450),
    )


slider = pn.widgets.IntSlider(name="k", start=2, end=10, value=5)
pn.Row(slider, pn.bind(show, slider)).servable()
