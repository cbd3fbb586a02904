"""A view of the Mall customers as the query of a web address, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from mall_app.checks import shown
from mall_app.errors import SettingsError, did_you_mean
from mall_app.settings import Settings
from mall_app.sharing.snippets import own_params

LONGEST_QUERY = 6_000
AXES = ("x", "y")
_OF_OTHERS = ("theme", "bokeh-")  # what Panel and Bokeh put into a query themselves
_TEXTS = ("algorithm", "scaling", "missing", "distance", "engine", "strategy")


def link_query(
    settings: Settings, start: Settings, axes: Mapping[str, str] | None = None
) -> str | None:
    """Write what differs from the page as it opens as the query of a web address.

    Parameters
    ----------
    settings : Settings
        Of a result.
    start : Settings
        Of the result the page opens with.
    axes : mapping of str to str, optional
        ``x`` and ``y``, where they are not those the page would choose.

    Returns
    -------
    str or None
        Without the ``?``; None when it would be too long for a link.

    Examples
    --------
    >>> link_query(Settings(n_clusters=4, params={"n_init": 3}), Settings(), {"y": "Age"})
    'n_clusters=4&params.n_init=3&y=Age'
    """
    values, before = settings.to_dict(), start.to_dict()
    pairs: list[tuple[str, str]] = []
    for name in (*_TEXTS, "n_clusters", "random_state"):
        unused = name == "scaling" and settings.distance == "gower"
        if values[name] not in (None, before[name]) and not unused:
            pairs.append((name, str(values[name])))
    if values["features"] != before["features"]:
        pairs += [("features", own) for own in values["features"] or ()]
    for name, own in {"params": own_params(settings), "weights": values["weights"]}.items():
        pairs += [(f"{name}.{key}", _short(value)) for key, value in own.items()]
    if settings.numbering is not None:  # else the page would number them like its own
        pairs.append(("numbering", ",".join(map(str, settings.numbering))))
    if settings.edits:
        pairs.append(("edits", json.dumps(values["edits"], separators=(",", ":"))))
    pairs += list((axes or {}).items())
    query = urlencode(pairs, quote_via=quote, safe="(),:")
    return query if len(query) <= LONGEST_QUERY else None


def read_query(
    arguments: Mapping[str, Sequence[str]], start: Settings
) -> tuple[Settings, dict[str, str]]:
    """Read the query of a link back.

    Parameters
    ----------
    arguments : mapping of str to sequence of str
        Untrusted.
    start : Settings
        Of the page as it opens.

    Returns
    -------
    settings : Settings
        Checked, though not against the table.
    axes : dict of str to str
        ``x`` and ``y`` where given.

    Raises
    ------
    SettingsError
        An unknown name, a name that stands twice, or a value that breaks a rule.

    Examples
    --------
    >>> read_query({"n_clusters": ["4"], "y": ["Age"]}, Settings())[0].n_clusters
    4
    """
    given: dict[str, Any] = {}
    own: dict[str, dict[str, Any]] = {"params": {}, "weights": {}}
    axes: dict[str, str] = {}
    for name, values in arguments.items():
        if name.startswith(_OF_OTHERS):
            continue
        group, _, key = name.partition(".")
        if name == "features":
            given[name] = list(values)
        elif key and group in own:
            own[group][key] = _scalar(_single(name, values))
        elif name in AXES:
            axes[name] = _single(name, values)
        else:
            given[name] = _read(name, _single(name, values))
    known = start.to_dict()
    if given.get("algorithm", start.algorithm) != start.algorithm:
        known["params"] = {}
        known["n_clusters"] = start.n_clusters or Settings().n_clusters
    if "features" in given:
        known["weights"] = {}
    for group, values_of in own.items():
        known[group] = {**known[group], **values_of}
    return Settings.from_mapping(known | given), axes


def _single(name: str, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise SettingsError(f"The link names {shown(name)} more than once.", (name,))
    return values[0]


def _read(name: str, text: str) -> Any:
    names = [*Settings().to_dict(), *AXES]
    if name not in names:
        raise SettingsError(
            f"The link has {shown(name)}, which is no setting: {did_you_mean(name, names)}",
            (name[:60],),
        )
    if name in _TEXTS:
        return text
    if name == "numbering":
        return [_scalar(own) for own in text.split(",")]
    return _scalar(text)


def _scalar(text: str) -> Any:
    """Read a number, true, false, null or a list; anything else is text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
