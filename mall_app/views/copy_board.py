"""Texts to take along: shown whole, copied by a button that says so."""

from __future__ import annotations

from typing import Any

import param
from panel.custom import JSComponent

# Stands for the address of the page's own server, which only the browser knows for sure.
ORIGIN = "http://localhost:5006"


class CopyBoard(JSComponent):
    """HTML whose buttons of class ``copy`` copy the text of the element they name.

    An element with ``data-origin`` gets the address of the page's server in place of `ORIGIN`; one
    with ``data-query`` becomes the address of the page with that query.
    """

    content = param.String(doc="The HTML, style included.")
    origin = param.String(default=ORIGIN, constant=True, doc="What is replaced.")

    _esm = """
    const copy = async text => {
      if (navigator.clipboard && window.isSecureContext)
        return navigator.clipboard.writeText(text)
      const field = document.createElement("textarea")  // a page without https has no clipboard
      field.value = text
      document.body.append(field)
      field.select()
      const done = document.execCommand("copy")
      field.remove()
      if (!done) throw new Error("refused")
    }

    export function render({ model, el }) {
      const here = new URL(".", location.href).href.replace(/\\/$/, "")
      const page = location.origin + location.pathname
      const draw = () => {
        el.innerHTML = model.content
        for (const own of el.querySelectorAll("[data-origin]"))
          own.textContent = own.textContent.replaceAll(model.origin, here)
        for (const own of el.querySelectorAll("[data-query]"))
          own.textContent = page + (own.dataset.query ? "?" + own.dataset.query : "")
      }
      draw()
      model.on("content", draw)
      el.addEventListener("click", async event => {
        const button = event.target.closest("button.copy")
        if (!button) return
        const before = button.dataset.label
        try {
          await copy(el.querySelector("#" + button.dataset.of).textContent)
          button.textContent = "Copied"
        } catch {
          button.textContent = "Select the text and copy it by hand"
        }
        setTimeout(() => { button.textContent = before }, 2000)
      })
    }
    """

    def __init__(self, **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
