"""Peer of the page: the same slider, score cards, plots and table, as one writes them in Dash.

One callback fits and fills in everything that depends on k. The two charts are drawn once; after
that only their traces are sent, by Dash's `Patch`. Served by gunicorn with threads, as Dash's own
guide to production has it. It runs in the environment of the peers, so it imports nothing of this
repository: ``gunicorn "peer_dash_page:server('.../Mall_Customers.csv')"``.
"""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, dash_table, dcc, html
from sklearn.cluster import KMeans
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
)

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
CARDS = ("silhouette", "davies-bouldin", "calinski-harabasz")


def fitted(points: np.ndarray, n_clusters: int) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return labels, shape (n,), silhouettes, shape (n,), and the three scores."""
    labels = KMeans(n_clusters=n_clusters, n_init=10, random_state=0).fit_predict(points)
    silhouettes = silhouette_samples(points, labels)
    scores = [
        float(silhouettes.mean()),
        davies_bouldin_score(points, labels),
        calinski_harabasz_score(points, labels),
    ]
    return labels, silhouettes, scores


def colours_of(labels: np.ndarray) -> list[str]:
    """Return a colour a customer."""
    return [COLOURS[label % len(COLOURS)] for label in labels]


def profile(frame: pd.DataFrame, labels: np.ndarray) -> list[dict[str, Any]]:
    """Return a row a segment: its size, and the mean of each numeric column."""
    columns = ["Age", *FEATURES]
    means = frame[columns].groupby(labels).mean().round(1)
    return means.assign(Segment=means.index, Size=np.bincount(labels)).to_dict("records")


def by_silhouette(labels: np.ndarray, silhouettes: np.ndarray) -> np.ndarray:
    """Return the order of the bars: by segment, the largest silhouette first."""
    return np.lexsort((-silhouettes, labels))


def figures(points: np.ndarray) -> tuple[go.Figure, go.Figure]:
    """Return the charts as they are before anything is fitted."""
    scatter = go.Figure(go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers"))
    scatter.update_traces(marker={"size": 9})
    scatter.update_layout(xaxis_title=FEATURES[0], yaxis_title=FEATURES[1], height=440)
    bars = go.Figure(go.Bar(orientation="h", y=np.arange(len(points))))
    bars.update_layout(xaxis_title="Silhouette", yaxis_autorange="reversed", bargap=0, height=440)
    return scatter, bars


def layout(frame: pd.DataFrame) -> html.Div:
    """Return the page."""
    scatter, bars = figures(frame[FEATURES].to_numpy(dtype=float))
    columns = [{"name": name, "id": name} for name in ("Segment", "Size", "Age", *FEATURES)]
    row = {"display": "flex", "gap": "16px"}
    return html.Div(
        [
            dcc.Slider(2, 10, 1, value=5, id="k", updatemode="drag"),
            html.Div([html.H2(id=name) for name in CARDS], style=row),
            html.Div(
                [dcc.Graph("scatter", figure=scatter), dcc.Graph("bars", figure=bars)], style=row
            ),
            dash_table.DataTable(id="segments", columns=columns),
        ]
    )


def server(path: str) -> Any:
    """Return the WSGI application for a table."""
    frame = pd.read_csv(path)
    points = frame[FEATURES].to_numpy(dtype=float)
    app = Dash(__name__)
    app.layout = layout(frame)

    @app.callback(
        *[Output(name, "children") for name in CARDS],
        Output("scatter", "figure"),
        Output("bars", "figure"),
        Output("segments", "data"),
        Input("k", "value"),
    )
    def show(n_clusters: int) -> tuple[Any, ...]:
        labels, silhouettes, scores = fitted(points, n_clusters)
        order = by_silhouette(labels, silhouettes)
        scatter, bars = Patch(), Patch()
        scatter["data"][0]["marker"]["color"] = colours_of(labels)
        bars["data"][0]["x"] = silhouettes[order]
        bars["data"][0]["marker"] = {"color": colours_of(labels[order])}
        written = [f"{score:.3f}" for score in scores]
        return *written, scatter, bars, profile(frame, labels)

    return app.server
