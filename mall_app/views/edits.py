"""Changing segments by hand, and saying what was changed."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from mall_app.edits.form import Edit
from mall_app.errors import SettingsError, WorkbenchError
from mall_app.views.state import ViewState
from mall_app.wording import customers, in_words


def carry_out(state: ViewState, message: dict[str, Any]) -> None:
    """Do what a button of a segment asks for; what cannot be done is said, and changes nothing.

    Parameters
    ----------
    state : ViewState
        Its model is edited.
    message : dict
        From the browser: an ``action``, a ``segment`` and what the action needs besides.
    """
    state.problem = ""  # of an edit before
    try:
        _act(state, message)
    except WorkbenchError as error:
        state.problem = str(error)


def _act(state: ViewState, message: dict[str, Any]) -> None:
    model, action, segment = state.model, message.get("action"), message.get("segment")
    if action == "undo":
        model.undo()
        return
    if not isinstance(segment, int) or isinstance(segment, bool):
        raise SettingsError("A segment must be chosen first.", ("edits",))
    if action == "merge":
        model.merge([segment, message.get("other", segment)])
    elif action == "split":
        model.split(segment, into=message.get("into", 2))
    elif action == "pin":
        model.pin(segment)
    elif action == "unpin":
        model.unpin(segment)
    elif action == "rename":
        name, note = (_one_line(message.get(key)) for key in ("name", "note"))
        if name or note is not None:
            model.rename(segment, name=name or None, note=note)


def _one_line(text: Any) -> str | None:
    """Put a text on one line, as names and notes are kept."""
    return " ".join(text.split()) if isinstance(text, str) else None


def pinned(edits: Iterable[Edit]) -> set[int]:
    """Give the segments that hold customers a person put there.

    Examples
    --------
    >>> pinned([{"action": "pin", "segment": 2, "rows": (0, 1)}])
    {2}
    """
    return {own["segment"] for own in edits if own["action"] == "pin"}


def edit_words(edit: Edit) -> str:
    """Say what an edit does.

    Examples
    --------
    >>> edit_words({"action": "merge", "segments": (0, 3)})
    'Merged 0 and 3'
    >>> edit_words({"action": "rename", "segment": 2, "name": "VIP"})
    'Named 2 “VIP”'
    """
    action = edit["action"]
    if action == "merge":
        return f"Merged {in_words(edit['segments'])}"
    if action == "split":
        return f"Split {in_words([edit['segment']])} into {edit['into']} parts"
    if action == "pin":
        return f"Pinned {customers(len(edit['rows']))} in {edit['segment']}"
    name = f"Named {edit['segment']} “{edit['name']}”" if "name" in edit else ""
    note = f"note on {edit['segment']}" if edit.get("note") else ""
    return " and a ".join(filter(None, (name, note))) or f"No note on {edit['segment']}"


def edit_list(edits: Iterable[Edit]) -> str:
    """Write the edits as HTML: folded away, the last one first to go."""
    said = [f"<li>{escape(edit_words(own))}</li>" for own in edits]
    if not said:
        return ""
    count = f"{len(said)} edit{'s' if len(said) > 1 else ''} by hand"
    return (
        f"<div class='edits'><details data-key='edits'><summary>{count}</summary>"
        f"<ol>{''.join(said)}</ol></details>"
        "<button type='button' class='quiet' data-action='undo'>Undo last edit</button></div>"
    )
