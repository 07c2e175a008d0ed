/* One crosshair over all charts of the page, one small tooltip, and dragging that sets the range. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  if (!watchdeck.charts) return;
  const TOOLTIP_MOST = 10;
  const DRAG_FROM = 6;
  let drag = null;
  let wanted = null;
  let shown = false;

  const plot = (chart) => {
    const layout = chart._fullLayout;
    if (!layout || !layout.xaxis || !layout._size) return null;
    const { l, t, w, h } = layout._size;
    const [start, end] = layout.xaxis.range;
    return { l, t, w, h, start, end };
  };
  const part = (chart, name) => {
    const found = chart.querySelector(`:scope > .${name}`);
    if (found) return found;
    const made = watchdeck.make("div", { class: name });
    chart.append(made);
    return made;
  };

  /** The chart under the pointer and the time it points at, if it is over a plot. */
  const pointed = (event) => {
    const chart = event.target.closest && event.target.closest(".js-plotly-plot");
    const area = chart && chart.watchdeck && plot(chart);
    if (!area || chart.watchdeck.figure.layout.meta.scatter) return null; // 43-scatter.js has it
    const box = chart.getBoundingClientRect();
    const x = event.clientX - box.left - area.l;
    const y = event.clientY - box.top - area.t;
    if (x < 0 || x > area.w || y < 0 || y > area.h + 24) return null;
    return { chart, area, x, y, ms: area.start + (x / area.w) * (area.end - area.start) };
  };

  const show = ({ chart, area, x, y, ms }) => {
    const snapped = snap(chart, ms);
    for (const other of watchdeck.charts.all()) {
      const space = plot(other);
      if (!space) continue;
      const share = (snapped - space.start) / (space.end - space.start);
      const line = part(other, "crosshair");
      line.hidden = share < 0 || share > 1;
      line.style.transform = `translateX(${space.l + share * space.w}px)`;
      line.style.top = `${space.t}px`;
      line.style.height = `${space.h}px`;
      watchdeck.charts.legend(other, line.hidden ? null : snapped);
    }
    tooltip(chart, area, snapped, y);
    shown = true;
  };

  const hide = () => {
    if (!shown) return;
    shown = false;
    document.querySelectorAll(".crosshair, .chart-tip").forEach((mark) => (mark.hidden = true));
    watchdeck.charts.all().forEach((chart) => watchdeck.charts.legend(chart));
  };

  /** The slot of the first line that lies nearest. */
  const snap = (chart, ms) => {
    const [one] = chart.watchdeck.lines;
    return one ? watchdeck.charts.snapped(one, ms) : ms;
  };

  const tooltip = (chart, area, ms, y) => {
    const { value, at } = watchdeck.format;
    const { lines, hidden, figure } = chart.watchdeck;
    const rows = lines
      .filter((one) => !hidden.has(one.name))
      .map((one) => ({ one, now: watchdeck.charts.valueAt(one, ms) }))
      .filter(({ now }) => Number.isFinite(now))
      .sort((a, b) => b.now - a.now);
    const near = nearest(chart, area, rows, y);
    const zone = watchdeck.view.get().zone;
    const events = (figure.layout.meta.events || []).filter(
      ([when]) => Math.abs(when - ms) < (area.end - area.start) / 60,
    );
    const make = watchdeck.make;
    const children = [
      make("div", { class: "tip-time" }, timeWords(lines[0], ms, zone)),
      figure.layout.meta.total && rows.length > 1 ? totalRow(rows) : null,
      ...rows.slice(0, TOOLTIP_MOST).map((row) =>
        make(
          "div",
          { class: row === near && rows.length > 1 ? "tip-row near" : "tip-row" },
          swatch(row.one),
          make("span", {}, row.one.name),
          make("span", { class: "tip-value" }, value(row.now, row.one.unit)),
        ),
      ),
      rows.length ? null : make("div", { class: "tip-row" }, "no data"),
      ...events.map(([when, text]) =>
        make("div", { class: "tip-event" }, `${at(when, zone, ms)} ${text}`),
      ),
    ];
    const tip = part(chart, "chart-tip");
    tip.replaceChildren(...children.filter(Boolean));
    tip.hidden = false;
    place(tip, chart, area, ms, y);
  };

  const timeWords = (one, ms, zone) => {
    const { zoned, clock, MONTHS } = watchdeck.format;
    if (one && one.calendar) {
      const slot = watchdeck.calendar.index(one.calendar, ms);
      return slot < 0 ? "" : watchdeck.calendar.label(one.calendar, one.calendar.starts[slot]);
    }
    const t = zoned(ms, zone);
    return `${t.day} ${MONTHS[t.month - 1]} ${clock(t)}`;
  };

  /** All bars of a stack together; what is only compared with them is not among them. */
  const totalRow = (rows) => {
    const stacked = rows.filter(({ one }) => one.kind === "bar");
    const all = stacked.reduce((sum, { now }) => sum + now, 0);
    const make = watchdeck.make;
    return make(
      "div",
      { class: "tip-row" },
      make("span", {}, "Total"),
      make("span", { class: "tip-value" }, watchdeck.format.value(all, rows[0].one.unit)),
    );
  };

  const swatch = (one) => {
    const mark = watchdeck.make("i", { class: `swatch ${one.dash === "solid" ? "" : "dashed"}` });
    mark.style.color = one.colour;
    return mark;
  };

  const nearest = (chart, area, rows, y) => {
    const axis = chart._fullLayout.yaxis;
    const distance = ({ now }) => Math.abs(axis.l2p(now) - y);
    return rows.reduce((best, row) => (!best || distance(row) < distance(best) ? row : best), null);
  };

  /** Beside the pointer's column, never over it, inside the window. */
  const place = (tip, chart, area, ms, y) => {
    const x = area.l + ((ms - area.start) / (area.end - area.start)) * area.w;
    const box = chart.getBoundingClientRect();
    const width = tip.offsetWidth;
    const right = box.left + x + 12 + width < document.documentElement.clientWidth - 4;
    const left = right ? x + 12 : x - 12 - width;
    const top = Math.min(area.t + y + 8, box.height - tip.offsetHeight + 60);
    tip.style.transform = `translate(${Math.max(4 - box.left, left)}px, ${Math.max(0, top)}px)`;
  };

  const select = (from, to) => {
    const { chart, area } = from;
    const [a, b] = [from.x, to].sort((p, q) => p - q);
    const mark = part(chart, "selection");
    mark.hidden = false;
    mark.style.left = `${area.l + a}px`;
    mark.style.width = `${b - a}px`;
    mark.style.top = `${area.t}px`;
    mark.style.height = `${area.h}px`;
  };

  document.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    drag = pointed(event);
    if (drag) event.preventDefault();
  });
  document.addEventListener("pointermove", (event) => {
    wanted = event;
    requestAnimationFrame(() => {
      if (wanted !== event) return;
      if (drag) {
        const box = drag.chart.getBoundingClientRect();
        drag.to = Math.min(drag.area.w, Math.max(0, event.clientX - box.left - drag.area.l));
        if (Math.abs(drag.to - drag.x) > DRAG_FROM) select(drag, drag.to);
      }
      const found = pointed(event);
      if (found) show(found);
      else hide();
    });
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { area, x, chart } = drag;
    const box = chart.getBoundingClientRect();
    const to = Math.min(area.w, Math.max(0, event.clientX - box.left - area.l));
    drag = null;
    document.querySelectorAll(".selection").forEach((mark) => (mark.hidden = true));
    if (Math.abs(to - x) <= DRAG_FROM) return;
    const time = (px) => area.start + (px / area.w) * (area.end - area.start);
    const [a, b] = [time(Math.min(x, to)), time(Math.max(x, to))];
    if (chart.watchdeck.figure.layout.meta.calendar) {
      watchdeck.view.set({ range: watchdeck.range.absolute(...watchdeck.calendar.whole(a, b)) });
      return;
    }
    const grain = b - a > 10 * 6e4 ? 6e4 : 1e3;
    const start = Math.floor(a / grain) * grain;
    const end = Math.max(start + 6e4, Math.ceil(b / grain) * grain);
    watchdeck.view.set({ range: watchdeck.range.absolute(start, end) });
  });
  document.addEventListener("dblclick", (event) => {
    if (pointed(event)) watchdeck.view.back();
  });
  document.addEventListener("mouseleave", hide);
})();
