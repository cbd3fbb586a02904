// Cards that are written anew whole, with one menu and one dialog that outlive them.
const EVERY = "button, summary, input, textarea"

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties)
  made.append(...children)
  return made
}

function dialog_for(send) {
  const name = element("input", { name: "name", maxLength: 80, autocomplete: "off" })
  const note = element("textarea", { name: "note", maxLength: 500, rows: 4 })
  const title = element("h3")
  const cancel = element("button", { type: "button", textContent: "Cancel" })
  const save = element("button", { type: "submit", className: "primary", textContent: "Save" })
  const form = element("form", { method: "dialog" }, title,
    element("label", {}, "Name", name), element("label", {}, "Note", note),
    element("div", { className: "ends" }, cancel, save))
  const dialog = element("dialog", {}, form)
  cancel.addEventListener("click", () => dialog.close())
  form.addEventListener("submit", () => send({
    action: "rename", segment: Number(dialog.dataset.segment),
    name: name.value === name.defaultValue ? null : name.value.trim(),
    note: note.value === note.defaultValue ? null : note.value.trim(),
  }))
  dialog.ask = card => {
    dialog.dataset.segment = card.dataset.segment
    title.textContent = `Name and note of segment ${card.dataset.segment}`
    name.value = name.defaultValue = card.dataset.name
    note.value = note.defaultValue = card.dataset.note
    dialog.showModal()
    name.select()
  }
  return dialog
}

function menu_for(stage, dialog, send) {
  const menu = element("div", { className: "menu", popover: "auto", role: "menu" })
  let button = null
  const entry = (label, act, mark) => {
    const made = element("button", { type: "button" }, ...(mark ? [mark.cloneNode(true)] : []), label)
    made.setAttribute("role", "menuitem")
    made.addEventListener("click", () => { menu.hidePopover(); act() })
    return made
  }
  const fill = card => {
    const segment = Number(card.dataset.segment)
    const others = [...stage.querySelectorAll(".card[data-segment]")]
      .filter(own => own !== card && Number(own.dataset.segment) >= 0)
    const pinned = card.dataset.pinned === "true"
    menu.replaceChildren(
      entry("Name and note …", () => dialog.ask(card)),
      entry("Split in two", () => send({ action: "split", segment, into: 2 })),
      entry("Split in three", () => send({ action: "split", segment, into: 3 })),
      entry(pinned ? "Unpin its customers" : "Pin its customers",
        () => send({ action: pinned ? "unpin" : "pin", segment })),
    )
    if (others.length) menu.append(element("div", { className: "head", textContent: "Merge with" }))
    for (const own of others)
      menu.append(entry(`${own.dataset.segment} · ${own.dataset.name}`,
        () => send({ action: "merge", segment, other: Number(own.dataset.segment) }),
        own.querySelector("svg")))
  }
  menu.open_at = own => {
    button = own
    fill(own.closest(".card"))
    menu.showPopover()
    const at = own.getBoundingClientRect()
    const below = at.bottom + menu.offsetHeight + 8 < innerHeight
    menu.style.left = `${Math.max(8, at.right - menu.offsetWidth)}px`
    menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - menu.offsetHeight - 4)}px`
    menu.querySelector("button").focus()
  }
  menu.addEventListener("toggle", event => {
    button?.setAttribute("aria-expanded", event.newState === "open")
  })
  menu.addEventListener("keydown", event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    const entries = [...menu.querySelectorAll("button")]
    const place = entries.indexOf(menu.getRootNode().activeElement)
    entries[(place + step + entries.length) % entries.length].focus()
    event.preventDefault()
  })
  return menu
}

export function render({ model, el }) {
  const send = message => model.send_msg(message)
  const stage = element("div")
  const dialog = dialog_for(send)
  const menu = menu_for(stage, dialog, send)
  el.append(stage, menu, dialog)
  const key = own => own && JSON.stringify([own.dataset.action, own.dataset.key,
    own.closest(".card")?.dataset.segment])
  const draw = () => {
    const active = stage.getRootNode().activeElement
    const focused = stage.contains(active) ? key(active) : null
    const open = new Set([...stage.querySelectorAll("details[open]")].map(own => own.dataset.key))
    if (menu.matches(":popover-open")) menu.hidePopover()
    stage.innerHTML = model.content
    for (const own of stage.querySelectorAll("details"))
      if (open.has(own.dataset.key)) own.open = true
    if (focused)
      [...stage.querySelectorAll(EVERY)].find(own => key(own) === focused)?.focus()
  }
  draw()
  model.on("content", draw)
  stage.addEventListener("click", event => {
    const button = event.target.closest("button[data-action]")
    if (!button) return
    const card = button.closest(".card")
    if (button.dataset.action === "menu") menu.open_at(button)
    else send({ action: button.dataset.action, segment: card ? Number(card.dataset.segment) : null })
  })
}
