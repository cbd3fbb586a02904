"""From the body of ``POST /compare`` to what the core understands, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api import strict_json
from api.problem import unprocessable
from api.schema import check_engine, read_table, unused
from api.validation import faults_against
from mall_app.algorithms import algorithms
from mall_app.data.report import DataReport
from mall_app.data.table import Table
from mall_app.evidence import Comparison
from mall_app.evidence.candidate import Candidate
from mall_app.evidence.compare import DEFAULT_BOOTSTRAPS
from mall_app.features import resolve_features, resolve_weights
from mall_app.geometry.points import Metric
from mall_app.settings import Settings

_SETTINGS = (
    "n_clusters",
    "features",
    "scaling",
    "missing",
    "random_state",
    "distance",
    "weights",
    "engine",
    "strategy",
)
_ABOUT_ONE_RESULT = ("numbering", "edits", "plot", "doubts")
_ABOUT_EACH = "a comparison is about what each algorithm finds by itself."
_SCORES = ("silhouette_score", "davies_bouldin_score", "calinski_harabasz_score", "inertia")


@dataclass(frozen=True, slots=True)
class CompareCall:
    """A checked request to compare algorithms.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        What all algorithms are given; the one it names plays no part.
    keys : tuple of str
        Algorithms.
    n_bootstraps : int
        Times the customers are drawn anew.
    report : DataReport or None
        What reading inline rows did to them.
    notes : tuple of str
        What the caller should know, in sentences.
    """

    table: Table
    settings: Settings
    keys: tuple[str, ...]
    n_bootstraps: int
    report: DataReport | None
    notes: tuple[str, ...]


def read_compare_call(body: bytes) -> CompareCall:
    """Read the body of ``POST /compare``.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    InputError
        The rows cannot be made a table, or a column is not there.
    """
    document = strict_json.loads(body)
    found = faults_against(document, "CompareBody")
    if found:
        raise unprocessable(found)
    given = {name: document[name] for name in _SETTINGS if name in document}
    settings = Settings.from_mapping(given)
    table, report = read_table(document)
    check_engine(table, settings)
    features = resolve_features(table, settings.features)
    weights = resolve_weights(table, features, settings.weights)
    settings = settings.changed(features=features, weights=weights)
    return CompareCall(
        table,
        settings,
        tuple(document.get("algorithms", _serving(table, settings))),
        int(document.get("n_bootstraps", DEFAULT_BOOTSTRAPS)),
        report,
        unused(document, _ABOUT_ONE_RESULT, _ABOUT_EACH),
    )


def _serving(table: Table, settings: Settings) -> list[str]:
    metric: Metric = "cityblock" if settings.distance == "gower" else "euclidean"
    return [key for key, own in algorithms().items() if own().serves(len(table), metric)]


def as_document(call: CompareCall, found: Comparison) -> dict[str, Any]:
    """Give a comparison as JSON-ready values."""
    settings = call.settings.to_dict()
    return {
        "candidates": [_as_entry(own) for own in found.candidates.values()],
        "agreement": found.to_dict()["agreement"],
        "settings": {name: settings[name] for name in _SETTINGS},
        "warnings": list(call.notes),
        "data_report": None if call.report is None else call.report.to_dict(),
    }


def _as_entry(own: Candidate) -> dict[str, Any]:
    result, scores = own.result, None
    if result is not None:
        known = {name: score.value for name, score in result.metrics.items()}
        scores = {name: known.get(name) for name in _SCORES}
    return {
        "algorithm": own.settings.algorithm,
        "n_clusters": None if result is None else result.n_clusters,
        "n_noise": None if result is None else result.n_noise,
        "scores": scores,
        "stability": None if own.stability is None else own.stability.to_dict(),
        "seconds": own.seconds,
        "failure": own.failure,
    }
