"""Peer of the page: what ours shows when it is opened, as one writes it in Dash.

The same slider, score cards with their change, scatter with a colour and a marker a segment,
silhouettes, segment cards, heat map and profile table. One callback fits and fills in everything
that depends on k. The charts are drawn once; after that only what changes in their traces is sent,
by Dash's `Patch`. A card has its rule, by a small tree of scikit-learn, and its typical customers.
It has no intervals and no identity of segments over k, so it still shows less than ours.

Served by gunicorn with threads, as Dash's own guide to production has it. It runs in the
environment of the peers, so it imports nothing of this repository:
``gunicorn "peer_dash_page:server('.../Mall_Customers.csv')"``.
"""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, State, dash_table, dcc, html
from sklearn.cluster import KMeans
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
)
from sklearn.tree import DecisionTreeClassifier, export_text

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
MARKERS = [
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "triangle-down",
    "hexagon",
    "star",
    "cross",
]
CARDS = ("silhouette", "davies-bouldin", "calinski-harabasz")
COLUMNS = ["Age", *FEATURES]


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
    """Return a row a segment: its size, and mean, median and deviation of each numeric column."""
    found = frame[COLUMNS].groupby(labels).agg(["mean", "median", "std"]).round(1)
    found.columns = [f"{column}: {what}" for column, what in found.columns]
    return found.assign(Segment=found.index, Size=np.bincount(labels)).to_dict("records")


def differences(frame: pd.DataFrame, labels: np.ndarray) -> pd.DataFrame:
    """Return by how many standard deviations each segment is from all customers."""
    numbers = frame[COLUMNS]
    return (numbers.groupby(labels).mean() - numbers.mean()) / numbers.std()


def rule(points: np.ndarray, inside: np.ndarray) -> str:
    """Return what tells a segment apart in at most two splits, with precision and recall."""
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(points, inside)
    found = tree.predict(points)
    hits = int((found & inside).sum())
    said = export_text(tree, feature_names=FEATURES, show_weights=False).splitlines()
    path = next((own for own in said if own.endswith("True")), said[0])
    splits = [own.strip("|- ") for own in said[: said.index(path)] if "class" not in own]
    precision, recall = hits / max(int(found.sum()), 1), hits / int(inside.sum())
    return f"{', '.join(splits)}: precision {precision:.0%}, recall {recall:.0%}"


def typical(points: np.ndarray, inside: np.ndarray) -> str:
    """Return the numbers of the three customers nearest to the centre of a segment."""
    away = np.linalg.norm(points - points[inside].mean(axis=0), axis=1)
    nearest = np.flatnonzero(inside)[np.argsort(away[inside])[:3]]
    return f"Like {', '.join(map(str, nearest + 1))}"


def segment_card(
    segment: int, sizes: np.ndarray, apart: pd.Series, means: pd.Series, notes: list[str]
) -> html.Div:
    """Return the card of a segment: swatch, size, share, a sentence, three small bars, notes."""
    order = apart.abs().sort_values(ascending=False).index
    words = [f"{'high' if apart[name] > 0 else 'low'} {name} ({means[name]:.1f})" for name in order]
    bars = []
    for name in order:
        width = min(abs(apart[name]), 3) / 3 * 50
        left = 50 if apart[name] > 0 else 50 - width
        place = {"position": "absolute", "left": f"{left}%", "width": f"{width}%", "height": "6px"}
        filled = html.I(style=place | {"background": COLOURS[segment % len(COLOURS)]})
        track = html.Div(filled, style={"position": "relative", "height": "6px"})
        bars.append(html.Div([html.Small(f"{name}: {means[name]:.1f}"), track]))
    share = sizes[segment] / sizes.sum()
    return html.Div(
        [
            html.H4(f"{segment} · {words[0]}", style={"color": COLOURS[segment % len(COLOURS)]}),
            html.Small(f"{sizes[segment]} customers · {share:.0%}"),
            html.P(", ".join(words[:2]) + "."),
            *bars,
            *[html.Div(html.Small(note)) for note in notes],
        ],
        style={"flex": "1 1 240px", "border": "1px solid #ddd", "padding": "12px"},
    )


def segment_cards(frame: pd.DataFrame, labels: np.ndarray, apart: pd.DataFrame) -> list[html.Div]:
    """Return a card a segment."""
    points = frame[FEATURES].to_numpy(dtype=float)
    sizes, means = np.bincount(labels), frame[COLUMNS].groupby(labels).mean()
    cards = []
    for own in range(len(sizes)):
        inside = labels == own
        notes = [rule(points, inside), typical(points, inside)]
        cards.append(segment_card(own, sizes, apart.loc[own], means.loc[own], notes))
    return cards


def score_card(value: float, before: str | None) -> list[Any]:
    """Return a score and its change against the one shown before."""
    change = "" if before is None else f"{value - float(before):+.3f}"
    return [html.H2(f"{value:.3f}", className="value"), html.Small(change)]


def by_silhouette(labels: np.ndarray, silhouettes: np.ndarray) -> np.ndarray:
    """Return the order of the bars: by segment, the largest silhouette first."""
    return np.lexsort((-silhouettes, labels))


def figures(points: np.ndarray) -> tuple[go.Figure, go.Figure, go.Figure]:
    """Return the charts as they are before anything is fitted."""
    scatter = go.Figure(go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers"))
    scatter.update_traces(marker={"size": 9})
    scatter.update_layout(xaxis_title=FEATURES[0], yaxis_title=FEATURES[1], height=440)
    bars = go.Figure(go.Bar(orientation="h", y=np.arange(len(points))))
    bars.update_layout(xaxis_title="Silhouette", yaxis_autorange="reversed", bargap=0, height=440)
    heat = go.Figure(go.Heatmap(zmin=-2, zmax=2, colorscale="RdBu", texttemplate="%{text}"))
    heat.update_layout(xaxis_title="Mean of each column", yaxis_title="Segment", height=360)
    return scatter, bars, heat


def layout(frame: pd.DataFrame) -> html.Div:
    """Return the page."""
    scatter, bars, heat = figures(frame[FEATURES].to_numpy(dtype=float))
    figures_of = [f"{column}: {what}" for column in COLUMNS for what in ("mean", "median", "std")]
    columns = [{"name": name, "id": name} for name in ("Segment", "Size", *figures_of)]
    row = {"display": "flex", "flexWrap": "wrap", "gap": "16px"}
    return html.Div(
        [
            dcc.Store(id="before"),
            dcc.Slider(2, 10, 1, value=5, id="k", updatemode="drag"),
            html.Div([html.Div(id=name) for name in CARDS], style=row),
            html.Div(
                [dcc.Graph("scatter", figure=scatter), dcc.Graph("bars", figure=bars)], style=row
            ),
            html.Div(id="cards", style=row),
            dcc.Graph("heat", figure=heat),
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
        Output("heat", "figure"),
        Output("cards", "children"),
        Output("segments", "data"),
        Output("before", "data"),
        Input("k", "value"),
        State("before", "data"),
    )
    def show(n_clusters: int, before: list[str] | None) -> tuple[Any, ...]:
        labels, silhouettes, scores = fitted(points, n_clusters)
        apart = differences(frame, labels)
        written = [score_card(*own) for own in zip(scores, before or [None] * 3, strict=True)]
        charts = patches(frame, labels, silhouettes, apart)
        cards = segment_cards(frame, labels, apart)
        return *written, *charts, cards, profile(frame, labels), [f"{own:.3f}" for own in scores]

    return app.server


def patches(
    frame: pd.DataFrame, labels: np.ndarray, silhouettes: np.ndarray, apart: pd.DataFrame
) -> tuple[Patch, Patch, Patch]:
    """Return what changes in the scatter, the bars and the heat map."""
    order = by_silhouette(labels, silhouettes)
    scatter, bars, heat = Patch(), Patch(), Patch()
    scatter["data"][0]["marker"]["color"] = colours_of(labels)
    scatter["data"][0]["marker"]["symbol"] = [MARKERS[own % len(MARKERS)] for own in labels]
    bars["data"][0]["x"] = silhouettes[order]
    bars["data"][0]["marker"] = {"color": colours_of(labels[order])}
    means = frame[COLUMNS].groupby(labels).mean().round(1)
    heat["data"][0]["x"] = COLUMNS
    heat["data"][0]["y"] = [f"{own}" for own in apart.index]
    heat["data"][0]["z"] = apart.to_numpy()
    heat["data"][0]["text"] = means.to_numpy()
    return scatter, bars, heat
