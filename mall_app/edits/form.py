"""What a person may change in the segments: the form of an edit, checked once, frozen.

An edit is a mapping with an ``action``:

========== ======================= ==============================================================
action     keys                    what it does
========== ======================= ==============================================================
``merge``  ``segments``            makes one segment of them; the smallest number stays
``split``  ``segment``, ``into``   makes 2 to 10 parts; the largest keeps the number, the others
                                   take ``numbers``, or else those above the largest in use
``pin``    ``segment``, ``rows``   these customers are in it, whatever the algorithm says; the
                                   segment need not be there
``rename`` ``segment``, ``name``,  gives it a name, a note or both; an empty note is none
           ``note``
========== ======================= ==============================================================

Segments are named by number, rows by position in the table. `mall_app.edits.applying` applies them.
To undo is to leave out the last one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from mall_app.checks import check_integer, check_text, shown
from mall_app.errors import Path, SettingsError, did_you_mean

Edit = Mapping[str, Any]
MOST_EDITS = 100
MOST_PARTS = 10
MOST_ROWS = 10_000
LONGEST_NAME = 80
LONGEST_NOTE = 500
LARGEST_NUMBER = 9999
_LARGEST_ROW = 2**53 - 1  # the largest integer every JSON reader keeps exact
_KEYS = {
    "merge": (("segments",), ()),
    "split": (("segment", "into"), ("numbers",)),
    "pin": (("segment", "rows"), ()),
    "rename": (("segment",), ("name", "note")),
}


def check_edits(value: Any) -> tuple[Edit, ...]:
    """Give edits in their one canonical form, read-only, refusing what breaks a rule.

    Parameters
    ----------
    value : iterable of mapping
        Untrusted; at most 100 edits.

    Returns
    -------
    tuple of mapping
        Keys in a fixed order, lists as tuples; `plain_edits` gives them JSON-ready.

    Raises
    ------
    SettingsError
        Its `path` is ``("edits", position, key)``. Whether the segments exist is found out
        when the edits are applied.

    Examples
    --------
    >>> [dict(edit) for edit in check_edits([{"segments": [3, 0], "action": "merge"}])]
    [{'action': 'merge', 'segments': (0, 3)}]
    >>> check_edits([{"action": "split", "segment": 2, "into": 1}])
    Traceback (most recent call last):
    ...
    mall_app.errors.SettingsError: edits[0].into must be an integer from 2 to 10, not 1.
    """
    edits = _check_list("edits", value, ("edits",), MOST_EDITS)
    return tuple(_check_edit(edit, position) for position, edit in enumerate(edits))


def plain_edits(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """Give checked edits as JSON-ready values, free to change.

    Examples
    --------
    >>> plain_edits(check_edits([{"action": "merge", "segments": [0, 3]}]))
    [{'action': 'merge', 'segments': [0, 3]}]
    """
    return [
        {key: list(own) if isinstance(own, tuple) else own for key, own in edit.items()}
        for edit in edits
    ]


def _check_edit(edit: Any, position: int) -> Edit:
    name, path = f"edits[{position}]", ("edits", position)
    if not isinstance(edit, Mapping):
        raise SettingsError(f"{name} must be a mapping with an action, not {shown(edit)}.", path)
    action = _check_action(edit, name, path)
    needed, optional = _KEYS[action]
    for key in edit:
        if key not in ("action", *needed, *optional):
            offer = did_you_mean(str(key), (*needed, *optional))
            raise SettingsError(f"{name}: {action} has no {shown(key)}: {offer}", (*path, str(key)))
    for key in needed:
        if key not in edit:
            raise SettingsError(f"{name}: {action} needs {key!r}.", (*path, key))
    if action == "rename" and not {"name", "note"} & set(edit):
        raise SettingsError(f"{name}: rename needs 'name', 'note' or both.", (*path, "name"))
    values = {
        key: _CHECKS[key](f"{name}.{key}", edit[key], (*path, key))
        for key in (*needed, *optional)
        if key in edit
    }
    if "numbers" in values and len(values["numbers"]) != values["into"] - 1:
        raise SettingsError(
            f"{name}.numbers must have a number for each part but the first, "
            f"{values['into'] - 1} in all, not {len(values['numbers'])}.",
            (*path, "numbers"),
        )
    return MappingProxyType({"action": action, **values})


def _check_action(edit: Mapping[str, Any], name: str, path: Path) -> str:
    if "action" not in edit:
        raise SettingsError(f"{name} needs an action: {did_you_mean('', _KEYS)}", (*path, "action"))
    action = check_text(f"{name}.action", edit["action"], (*path, "action"))
    if action not in _KEYS:
        raise SettingsError(
            f"{name}.action {shown(action)} is not known: {did_you_mean(action, _KEYS)}",
            (*path, "action"),
        )
    return action


def _check_list(name: str, value: Any, path: Path, most: int) -> list[Any]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise SettingsError(f"{name} must be a list, not {shown(value)}.", path)
    entries = list(islice(value, most + 1))  # no more is read of a list that is too long
    if len(entries) > most:
        raise SettingsError(f"{name} must have at most {most:,} entries, not more.", path)
    return entries


def _check_integers(
    name: str, value: Any, path: Path, bounds: tuple[int, int], most: int
) -> tuple[int, ...]:
    entries = _check_list(name, value, path, most)
    if not entries:
        raise SettingsError(f"{name} must have at least one entry, not [].", path)
    numbers = [
        check_integer(f"an entry of {name}", own, bounds, (*path, position))
        for position, own in enumerate(entries)
    ]
    seen: set[int] = set()
    for position, number in enumerate(numbers):
        if number in seen:
            raise SettingsError(
                f"{name} must not repeat an entry, but {number} stands twice.", (*path, position)
            )
        seen.add(number)
    return tuple(numbers)


def _check_segment(name: str, value: Any, path: Path) -> int:
    return check_integer(name, value, (0, LARGEST_NUMBER), path)


def _check_segments(name: str, value: Any, path: Path) -> tuple[int, ...]:
    numbers = _check_integers(name, value, path, (0, LARGEST_NUMBER), LARGEST_NUMBER + 1)
    if len(numbers) < 2:
        raise SettingsError(
            f"{name} must name at least two segments to merge, not {shown(list(numbers))}.", path
        )
    return tuple(sorted(numbers))


def _check_rows(name: str, value: Any, path: Path) -> tuple[int, ...]:
    return tuple(sorted(_check_integers(name, value, path, (0, _LARGEST_ROW), MOST_ROWS)))


def _check_words(name: str, value: Any, path: Path, longest: int) -> str:
    text = check_text(name, value, path).strip()
    if len(text) > longest:
        raise SettingsError(
            f"{name} must have at most {longest} characters, not {len(text)}.", path
        )
    for character in text:
        if not _is_plain(character):
            raise SettingsError(
                f"{name} must not hold control characters, but holds U+{ord(character):04X}.", path
            )
    return text


def _check_name(name: str, value: Any, path: Path) -> str:
    text = _check_words(name, value, path, LONGEST_NAME)
    if not text:
        raise SettingsError(f"{name} must not be empty, but is {shown(value)}.", path)
    return text


def _is_plain(character: str) -> bool:
    """Whether a character neither breaks a line nor turns the direction of what follows."""
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return False
    return unicodedata.bidirectional(character) not in _TURNING


_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
_CHECKS: Mapping[str, Callable[[str, Any, Path], Any]] = MappingProxyType(
    {
        "segment": _check_segment,
        "segments": _check_segments,
        "into": lambda name, value, path: check_integer(name, value, (2, MOST_PARTS), path),
        "numbers": lambda name, value, path: _check_integers(
            name, value, path, (0, LARGEST_NUMBER), MOST_PARTS
        ),
        "rows": _check_rows,
        "name": _check_name,
        "note": lambda name, value, path: _check_words(name, value, path, LONGEST_NOTE),
    }
)
