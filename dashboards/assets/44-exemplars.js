/* Traces that stand as points on a chart: each is a link to its trace. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const WORDS = { fault: "fault", error: "error", throttle: "throttled", ok: "a slow one" };

  const place = (chart) => {
    chart.querySelectorAll(":scope > .exemplar").forEach((old) => old.remove());
    const { meta } = chart.watchdeck.figure.layout;
    const layout = chart._fullLayout;
    if (!meta.exemplars || !layout || !layout._size) return;
    const { l, t, w, h } = layout._size;
    for (const [at, value, trace, outcome] of meta.exemplars) {
      const [x, y] = [layout.xaxis.l2p(at), layout.yaxis.l2p(value)];
      if (x < 0 || x > w) continue;
      const said = `Trace: ${WORDS[outcome]}, ${watchdeck.format.value(value, meta.unit)}`;
      const mark = watchdeck.make("a", {
        class: `exemplar ${outcome}`,
        href: watchdeck.view.carried(`/trace/${trace}`),
        title: said,
        "aria-label": said,
      });
      mark.style.left = `${l + x}px`;
      mark.style.top = `${t + Math.min(h, Math.max(0, y))}px`;
      chart.append(mark);
    }
  };

  watchdeck.on("drawn", place);
})();
