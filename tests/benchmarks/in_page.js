// Takes the times inside the page, by the page's own clock, frame by frame: what is asked from
// outside would wait for the answer to travel, and would slow the page that it asks.
window.benchmark = {
  lastPaint: 0,

  // All text below a node, shadow trees included.
  text(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.localName === "style" || node.localName === "script") return "";
    const children = [...(node.shadowRoot ? node.shadowRoot.childNodes : []), ...node.childNodes];
    return children.map((child) => this.text(child)).join("");
  },

  // Resolves to the milliseconds from the next key press to another text in the element, and to
  // the last stroke of any chart; the charts are done when none was drawn for `quiet` ms.
  nextKey(element, quiet, limit) {
    const before = this.text(element);
    const started = performance.now();
    return new Promise((resolve, reject) => {
      let pressed = null;
      let changed = null;
      const press = () => (pressed ??= performance.now());
      window.addEventListener("keydown", press, { capture: true, once: true });
      const frame = (now) => {
        if (pressed !== null && changed === null && this.text(element) !== before) changed = now;
        const latest = Math.max(changed, this.lastPaint);
        if (now - started > limit) reject(new Error("Nothing changed after the key press."));
        else if (changed !== null && this.lastPaint > pressed && now - latest > quiet)
          resolve({ score: changed - pressed, plot: this.lastPaint - pressed });
        else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  },
};

for (const name of ["fill", "stroke", "drawImage", "fillRect"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    window.benchmark.lastPaint = performance.now();
    return draw.apply(this, given);
  };
}
