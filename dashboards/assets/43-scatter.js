/* Points that can be chosen: the pointer tells what it is on, a click opens it, a box chooses many. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const NEAR = 14;
  const DRAG_FROM = 5;
  let drag = null;
  let rows = [];

  const part = (chart, name) => {
    const found = chart.querySelector(`:scope > .${name}`);
    if (found) return found;
    const made = watchdeck.make("div", { class: name });
    chart.append(made);
    return made;
  };

  /** The scatter under the pointer, and where in its plot that is. */
  const pointed = (event) => {
    const chart = event.target.closest && event.target.closest(".js-plotly-plot");
    const figure = chart && chart.watchdeck && chart.watchdeck.figure;
    if (!figure || !figure.layout.meta.scatter || !chart._fullLayout || !chart._fullLayout._size) return null;
    const { l, t, w, h } = chart._fullLayout._size;
    const box = chart.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left - l, event.clientY - box.top - t];
    return { chart, x, y, l, t, w, h, inside: x >= 0 && x <= w && y >= 0 && y <= h };
  };

  const axes = (chart) => [chart._fullLayout.xaxis, chart._fullLayout.yaxis];
  const nearest = ({ chart, x, y }) => {
    const [across, up] = axes(chart);
    let best = null;
    for (const trace of chart._fullData || []) {
      if (trace.visible === false) continue;
      for (let n = 0; n < trace.x.length; n += 1) {
        const [px, py] = [across.l2p(trace.x[n]), up.l2p(trace.y[n])];
        const distance = Math.hypot(px - x, py - y);
        if (distance <= NEAR && (!best || distance < best.distance)) {
          best = { distance, row: rows[trace.customdata[n]], px, py };
        }
      }
    }
    return best && best.row ? best : null;
  };

  const tip = (found, hit) => {
    const box = part(found.chart, "chart-tip");
    box.hidden = !hit;
    found.chart.style.cursor = hit ? "pointer" : "";
    if (!hit) return;
    const { make, format } = watchdeck;
    const [, at, ms, outcome, what] = hit.row;
    box.replaceChildren(
      make("div", { class: "tip-time" }, format.instant(at, watchdeck.view.get().zone, Date.now(), true)),
      make("div", { class: "tip-row near" }, make("span", {}, outcome === "ok" ? "response" : outcome),
        make("span", { class: "tip-value" }, format.value(ms, "milliseconds"))),
      make("div", { class: "tip-row" }, make("span", {}, what)),
    );
    const right = found.l + hit.px + 12 + box.offsetWidth < found.chart.clientWidth;
    box.style.transform = `translate(${found.l + hit.px + (right ? 12 : -12 - box.offsetWidth)}px, ${found.t + hit.py + 10}px)`;
  };

  const outline = (found, to) => {
    const mark = part(found.chart, "selection");
    const [a, b] = [Math.min(found.x, to.x), Math.max(found.x, to.x)];
    const [c, d] = [Math.min(found.y, to.y), Math.max(found.y, to.y)];
    mark.hidden = false;
    mark.style.cssText = `left:${found.l + a}px;width:${b - a}px;top:${found.t + c}px;height:${d - c}px;border-width:1px`;
  };
  const within = (found, event) => {
    const box = found.chart.getBoundingClientRect();
    return {
      x: Math.min(found.w, Math.max(0, event.clientX - box.left - found.l)),
      y: Math.min(found.h, Math.max(0, event.clientY - box.top - found.t)),
    };
  };
  const chosen = (found, to) => {
    const [across, up] = axes(found.chart);
    const { log } = found.chart.watchdeck.figure.layout.meta;
    const time = (px) => Math.round(across.p2l(px));
    const ms = (px) => (log ? 10 ** up.p2l(px) : up.p2l(px));
    watchdeck.setProps("traces:chosen", {
      data: {
        start: time(Math.min(found.x, to.x)),
        end: time(Math.max(found.x, to.x)),
        low: Math.max(0, ms(Math.max(found.y, to.y))),
        high: ms(Math.min(found.y, to.y)),
      },
    });
  };

  document.addEventListener("pointerdown", (event) => {
    const found = event.button === 0 && event.pointerType !== "touch" ? pointed(event) : null;
    if (!found || !found.inside) return;
    drag = found;
    event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    if (drag) {
      outline(drag, within(drag, event));
      return;
    }
    const found = pointed(event);
    if (found) tip(found, found.inside ? nearest(found) : null);
    else document.querySelectorAll(".scatter .chart-tip").forEach((box) => (box.hidden = true));
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const [found, to] = [drag, within(drag, event)];
    drag = null;
    part(found.chart, "selection").hidden = true;
    if (Math.max(Math.abs(to.x - found.x), Math.abs(to.y - found.y)) > DRAG_FROM) {
      chosen(found, to);
      return;
    }
    const hit = nearest(found);
    if (hit) watchdeck.view.go(`/trace/${hit.row[0]}`, { newTab: event.ctrlKey || event.metaKey });
  });

  // A column of the histogram chooses its response times.
  document.addEventListener("click", (event) => {
    const column = event.target.closest && event.target.closest(".histogram [data-low]");
    if (!column) return;
    watchdeck.setProps("traces:chosen", {
      data: { start: null, end: null, low: Number(column.dataset.low), high: Number(column.dataset.high) },
    });
  });

  const clientside = (window.dash_clientside = window.dash_clientside || {});
  /** What stands behind the points: id, time, response, outcome, and in words what was asked. */
  clientside.watchdeck = {
    ...clientside.watchdeck,
    points: (data) => {
      rows = data || [];
      return rows.length;
    },
  };
})();
