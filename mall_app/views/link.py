"""Opening the page that a link describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mall_app.errors import SettingsError, WorkbenchError, did_you_mean
from mall_app.sharing.links import read_query
from mall_app.views.state import ViewState


def open_link(state: ViewState, arguments: Mapping[str, Sequence[bytes]]) -> None:
    """Bring a page that has just been made to the settings and axes of its address.

    Parameters
    ----------
    state : ViewState
        Of the page.
    arguments : mapping of str to sequence of bytes
        The query as Tornado gives it; untrusted. What cannot be used is said on the page, which
        then stays as it opens.
    """
    try:
        query = {
            name: [own.decode("utf-8", "replace") for own in values]
            for name, values in arguments.items()
        }
        settings, axes = read_query(query, state.start)
        _check_axes(state, axes)
        if settings != state.start:
            values = settings.to_dict()
            if settings.numbering is None:
                del values["numbering"]
            state.arriving = True
            state.model.update(**values)
        state.param.update(**axes)
    except WorkbenchError as error:
        state.arriving = False
        state.problem = f"The link could not be opened. {error}"


def _check_axes(state: ViewState, axes: Mapping[str, str]) -> None:
    for name, column in axes.items():
        offered = state.param[name].objects
        if column not in offered:
            raise SettingsError(
                f"{name} names {column[:60]!r}, which is no axis: {did_you_mean(column, offered)}",
                (name,),
            )
