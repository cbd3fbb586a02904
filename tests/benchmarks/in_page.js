// Takes the times inside the page, by the page's own clock, frame by frame: what is asked from
// outside would wait for the answer to travel, and would slow the page that it asks.
window.benchmark = {
  lastPaint: 0,
  painted: new Map(), // the last stroke of each chart
  begun: new Map(), // the first stroke of each chart since the key was pressed

  paint(chart) {
    this.lastPaint = performance.now();
    this.painted.set(chart, this.lastPaint);
    if (!this.begun.has(chart)) this.begun.set(chart, this.lastPaint);
  },

  // The charts that can be seen without scrolling, as boxes with a time of each.
  inView(times) {
    return [...times].map(([chart, time]) => ({ chart, time, box: chart.getBoundingClientRect() }))
      .filter(({ chart, box }) => chart.isConnected && box.bottom > 0 && box.top < innerHeight);
  },

  // When the first chart of the page, which is the scatter, was drawn anew.
  firstChart() {
    const order = (a, b) => a.box.top - b.box.top || a.box.left - b.box.left || a.time - b.time;
    return this.inView(this.begun).sort(order)[0]?.time ?? 0;
  },

  // The last stroke of any chart that can be seen without scrolling.
  lastVisible() {
    return Math.max(0, ...this.inView(this.painted).map(({ time }) => time));
  },

  // The first element that fits a selector, inside shadow trees too.
  find(selector, root = document) {
    const found = root.querySelector(selector);
    if (found) return found;
    for (const element of root.querySelectorAll("*")) {
      const inside = element.shadowRoot && this.find(selector, element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  },

  // Resolves to the milliseconds from the next key press to another text in the element, to the
  // first stroke of the scatter, to the last stroke of a chart in view, and to that of any chart;
  // the charts are done when none was drawn for `quiet` ms.
  nextKey(selector, quiet, limit) {
    let element = this.find(selector);
    const before = element.textContent;
    const started = performance.now();
    const hasChanged = () => {
      if (!element?.isConnected) element = this.find(selector);
      return element !== null && element.textContent !== before;
    };
    return new Promise((resolve, reject) => {
      let pressed = null;
      let changed = null;
      const press = () => {
        this.begun.clear();
        pressed = performance.now();
      };
      window.addEventListener("keydown", press, { capture: true, once: true });
      const frame = () => {
        const now = performance.now();
        if (pressed !== null && changed === null && hasChanged()) changed = now;
        const latest = Math.max(changed, this.lastPaint);
        if (now - started > limit) reject(new Error(`${selector} or the charts did not change.`));
        else if (changed !== null && this.lastPaint > pressed && now - latest > quiet)
          resolve({
            score: changed - pressed,
            scatter: this.firstChart() - pressed,
            plot: this.lastVisible() - pressed,
            all: this.lastPaint - pressed,
          });
        else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  },
};

for (const name of ["fill", "stroke", "drawImage", "fillRect"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    window.benchmark.paint(this.canvas);
    return draw.apply(this, given);
  };
}

// Plotly draws by elements of SVG, which are drawn when they change.
new MutationObserver(changes => {
  const charts = changes.map(({ target }) => target.closest?.(".js-plotly-plot"));
  for (const chart of new Set(charts)) if (chart) window.benchmark.paint(chart);
}).observe(document, { subtree: true, childList: true, attributes: true });
