"""The script of all widgets, which each of them would bring along: 1.4 MB, kept once a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import panel as pn

_FIELD = '"esm":'
_START = "(function(root) {"


def with_one_script(html: str) -> str:
    """Keep a script once that each of some thirty components has.

    Examples
    --------
    >>> with_one_script('(function(root) { var docs = [{"esm":"f()"}, {"esm":"f()"}] })')
    '(function(root) { const shared_script = "f()"; var docs = [{"esm":shared_script}, \
{"esm":shared_script}] })'
    """
    for start, end, _ in _scripts(html):
        script = html[start:end]
        shared = html.replace(f"{_FIELD}{script}", f"{_FIELD}shared_script")
        return shared.replace(_START, f"{_START} const shared_script = {script};", 1)
    return html


def without_script(message: str, known: str) -> str:
    """Leave a script out that the browser has: it looks scripts of widgets up by their bundle.

    Examples
    --------
    >>> without_script('[{"esm":"f()","id":1},{"esm":"g()"}]', "f()")
    '[{"esm":"","id":1},{"esm":"g()"}]'
    """
    parts, done = [], 0
    for start, end, script in _scripts(message):
        if script == known:
            parts += [message[done:start], '""']
            done = end
    return "".join([*parts, message[done:]])


def send_script_once(view: pn.viewable.Viewable, html: str) -> None:
    """Have no message to a view in a notebook bring the script along that its HTML has.

    A tab with a dozen widgets was 20 MB, which takes JupyterLab seconds or ends its connection.
    """
    known = next((script for _, _, script in _scripts(html)), None)
    if known is None:
        return
    for model, _ in view._models.values():
        _, _, _, comm = pn.state._views[model.ref["id"]]
        comm.send = _Slim(comm.send, known)


class _Slim:
    """Sends messages without a script that is known."""

    def __init__(self, send: Any, known: str) -> None:
        self._send = send
        self._known = known

    def __call__(self, data: Any = None, *args: Any, **more: Any) -> None:
        if isinstance(data, str) and len(data) > len(self._known):
            data = without_script(data, self._known)
        self._send(data, *args, **more)


def _scripts(text: str) -> Iterator[tuple[int, int, str]]:
    """Find each script in JSON: where its string begins and ends, quotes included, and itself."""
    place = text.find(f'{_FIELD}"')
    while place >= 0:
        start = place + len(_FIELD)
        script, end = scanstring(text, start + 1)
        yield start, end, script
        place = text.find(f'{_FIELD}"', end)
