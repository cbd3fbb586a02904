"""What depends on the width of the window, decided in the browser."""

from __future__ import annotations

from panel.custom import JSComponent


class ClosedOnPhone(JSComponent):
    """Takes no room; closes the drawer of its page when the window is as narrow as a phone."""

    _esm = """
    export function render({ view, el }) {
      el.style.display = "none"
      if (window.matchMedia("(max-width: 599.95px)").matches) {
        setTimeout(() => { view.root.model.data.sidebar_open = false }, 0)
      }
    }
    """
