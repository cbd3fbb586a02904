"""Peer (b): the two services that one server replaces, as they are usually written.

A gateway takes the request and forwards it to a model service, which reads the table, fits,
scores, draws a picture and sends all of it back as JSON. Both are FastAPI under uvicorn, each
a process of its own; the gateway keeps one pooled client open, and the blocking endpoints run
in FastAPI's threads, as its documentation advises.
"""

import base64
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import matplotlib
import numpy as np
import pandas as pd
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field
from sklearn.base import ClusterMixin
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import davies_bouldin_score, silhouette_score

from tests.benchmarks.peer_direct import FEATURES
from tests.benchmarks.processes import REPOSITORY, free_port, running

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend is chosen first)

MODEL_SERVICE_VARIABLE = "MODEL_SERVICE_URL"
KEEP_ALIVE_SECONDS = 120  # the caller's connection lives through the turns of the other sides


class ClusterRequest(BaseModel):
    """What both services are asked."""

    n_clusters: int = Field(default=5, ge=2, le=20)
    random_state: int = 0


class GatewayRequest(ClusterRequest):
    """What the gateway is asked: the same, and which model."""

    model_name: str = "kmeans"


model_service = FastAPI()


@model_service.post("/kmeans")
def kmeans(request: ClusterRequest) -> dict[str, Any]:
    """Fit KMeans."""
    model = KMeans(n_clusters=request.n_clusters, n_init=10, random_state=request.random_state)
    return fit_score_draw("kmeans", model)


@model_service.post("/agglomerative")
def agglomerative(request: ClusterRequest) -> dict[str, Any]:
    """Fit Ward's agglomerative clustering."""
    return fit_score_draw("agglomerative", AgglomerativeClustering(request.n_clusters))


def fit_score_draw(name: str, model: ClusterMixin) -> dict[str, Any]:
    """Read the table, fit, score and draw, as every endpoint of the model service does."""
    points = pd.read_csv(REPOSITORY / "data" / "Mall_Customers.csv")[FEATURES]
    labels = model.fit_predict(points)
    return {
        "model_name": name,
        "n_clusters": len(set(labels)),
        "silhouette_score": float(silhouette_score(points, labels)),
        "davies_bouldin_score": float(davies_bouldin_score(points, labels)),
        "labels": labels.tolist(),
        "plot_image": draw(name, points, labels),
    }


def draw(name: str, points: pd.DataFrame, labels: np.ndarray) -> str:
    """Return the picture of the clusters, a PNG in base64."""
    figure, axes = plt.subplots(figsize=(8, 6))
    axes.scatter(points[FEATURES[0]], points[FEATURES[1]], c=labels, cmap="viridis")
    axes.set(xlabel=FEATURES[0], ylabel=FEATURES[1], title=f"{name} clusters")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    plt.close(figure)
    return base64.b64encode(picture.getvalue()).decode()


@asynccontextmanager
async def _open_client(application: FastAPI) -> AsyncIterator[None]:
    """Keep one client, and its connections, for the life of the gateway."""
    async with httpx.AsyncClient(
        base_url=os.environ[MODEL_SERVICE_VARIABLE], timeout=60
    ) as application.state.client:
        yield


gateway = FastAPI(lifespan=_open_client)


@gateway.get("/health")
def health() -> dict[str, str]:
    """Say that the gateway runs."""
    return {"status": "ok"}


@model_service.get("/health")
def model_service_health() -> dict[str, str]:
    """Say that the model service runs."""
    return {"status": "ok"}


@gateway.post("/cluster")
async def cluster(body: GatewayRequest, request: Request) -> dict[str, Any]:
    """Forward to the endpoint of the model, and hand its answer on."""
    settings = body.model_dump(exclude={"model_name"})
    response = await request.app.state.client.post(f"/{body.model_name}", json=settings)
    if response.is_error:
        raise HTTPException(response.status_code, response.text)
    answer: dict[str, Any] = response.json()
    return answer


@contextmanager
def two_services() -> Iterator[int]:
    """Run both services and give the port of the gateway."""
    model_port, gateway_port = free_port(), free_port()
    target = {MODEL_SERVICE_VARIABLE: f"http://127.0.0.1:{model_port}"}
    with (
        running(_uvicorn("model_service", model_port), model_port, "/health"),
        running(_uvicorn("gateway", gateway_port), gateway_port, "/health", target),
    ):
        yield gateway_port


def _uvicorn(application: str, port: int) -> list[str]:
    """Return the command line of one of the services, with no line logged for each call."""
    quiet = ["--no-access-log", "--log-level", "warning"]
    options = ["--port", str(port), "--timeout-keep-alive", str(KEEP_ALIVE_SECONDS), *quiet]
    return ["uvicorn", f"tests.benchmarks.peer_two_services:{application}", *options]
