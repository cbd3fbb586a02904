// Holds what the page shows after the next steps of the slider, and draws it at the key.
const SLIDER = "n_clusters"

const columns_of = data => data instanceof Map ? [...data] : Object.entries(data)

// Columns that stay as they are do not come with the others.
const completed = (model, values) => values.data === undefined ? values
  : { ...values, data: Object.fromEntries([...columns_of(model.data), ...columns_of(values.data)]) }

// A component keeps its values in a model of its own.
const keeper = model => model?.esm === undefined ? model : model.data

export function render({ model, view }) {
  let steps = new Map()
  let rest = [] // of a step whose first part is drawn
  const page = view.model.document
  const by_tag = () =>
    new Map([...page.all_models].flatMap(own => (own.tags ?? []).map(tag => [tag, own])))
  const slider = keeper(by_tag().get(SLIDER))

  const draw = drawings => {
    const tagged = by_tag()
    for (const { name, values } of drawings) {
      const own = keeper(tagged.get(name)) // none before it is drawn for the first time
      own?.setv(completed(own, values), { sync: false })
    }
  }

  const finish = () => {
    draw(rest)
    rest = []
  }

  model.on("msg:custom", message => {
    finish() // what the server sends from here on may differ
    steps = new Map(message.steps.map(own => [own.n_clusters, own]))
    if (steps.size) model.send_msg({ holds_from: message.first }) // earlier ones come no more
  })
  view.connect(slider.properties.value.change, () => {
    const step = steps.get(slider.value)
    steps.clear() // the others begin where the page no longer is
    if (step === undefined) return
    finish()
    draw(step.first)
    rest = step.rest
    requestAnimationFrame(() => setTimeout(finish)) // when the first part can be seen
    model.send_msg({ drawn: step.number })
  })
}
