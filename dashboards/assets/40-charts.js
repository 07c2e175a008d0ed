/* Charts. Plotly only draws: colours come as roles and are looked up here, the time axis is labelled
   here in the reader's zone, and the legend above the plot is ours. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const Plotly = window.Plotly;
  if (!Plotly) return;
  const draw = Plotly.react.bind(Plotly);
  const charts = new Set();
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 43200];
  const LEGEND_MOST = 5;
  const NAME_LEAST = 8; // Letters of a name that must be readable, else the entry gives way.
  const ENTRY_PX = 26; // Swatch and gaps of one entry.

  const ARRAYS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array };
  const unpacked = ({ dtype, bdata }) => {
    const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
    return new (ARRAYS[dtype] || Float64Array)(bytes.buffer);
  };

  /** A copy of the figure with arrays unpacked and roles turned into colours. */
  const prepared = (part) => {
    if (typeof part === "string") return part.startsWith("--") ? watchdeck.colour(part) : part;
    if (Array.isArray(part)) return part.map(prepared);
    if (part === null || typeof part !== "object" || ArrayBuffer.isView(part)) return part;
    if (part.bdata !== undefined) return unpacked(part);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, prepared(value)]));
  };

  /** Round times in the reader's zone, as many as fit, with the date where it changes. */
  const timeTicks = (start, end, width) => {
    const { zoned, offset, clock, MONTHS } = watchdeck.format;
    const zone = watchdeck.view.get().zone;
    const fits = Math.max(2, Math.floor(width / 64));
    const minutes = (end - start) / 6e4;
    const step = (STEPS.find((size) => minutes / size <= fits) || STEPS[STEPS.length - 1]) * 6e4;
    const shift = offset(start, zone) * 6e4;
    const [at, text] = [[], []];
    for (let local = Math.ceil((start + shift) / step) * step; local - shift <= end; local += step) {
      const ms = local - offset(local - shift, zone) * 6e4;
      const t = zoned(ms, zone);
      const midnight = t.hour === 0 && t.minute === 0;
      at.push(ms);
      text.push(midnight || step >= 864e5 ? `${t.day} ${MONTHS[t.month - 1]}` : clock(t));
    }
    return { at, text };
  };

  const labelled = (layout, width) => {
    const axis = layout.xaxis;
    if (!axis || !axis.range || !layout.meta) return;
    const inner = width - layout.margin.l - layout.margin.r;
    const { at, text } = layout.meta.calendar
      ? watchdeck.calendar.ticks(layout.meta, inner)
      : timeTicks(axis.range[0], axis.range[1], inner);
    axis.tickvals = at;
    axis.ticktext = text;
  };

  const render = (chart) => {
    const figure = prepared(chart.watchdeck.figure);
    figure.config = chart.watchdeck.figure.config;
    const hidden = chart.watchdeck.hidden;
    for (const trace of figure.data || []) {
      if (hidden.has(trace.name)) trace.visible = false;
      if (chart.watchdeck.lit && chart.watchdeck.lit !== trace.name) {
        trace.opacity = 0.25 * (trace.opacity === undefined ? 1 : trace.opacity);
      }
    }
    labelled(figure.layout, chart.clientWidth || 400);
    chart.watchdeck.lines = (figure.data || []).map((trace) => line(trace, figure.layout));
    return Promise.resolve(draw(chart, figure)).then((drawn) => {
      watchdeck.tell("drawn", chart);
      return drawn;
    });
  };

  /** Points stand alone: the legend counts them. */
  const isPoints = (trace) => (trace.meta || {}).kind === "point";
  const line = (trace, layout) => ({
    name: trace.name,
    unit: isPoints(trace) ? "count" : (layout.meta || {}).unit || "count",
    colour: (trace.line || trace.marker || {}).color,
    dash: (trace.line || {}).dash || "solid",
    start: trace.x0,
    step: trace.dx,
    values: trace.y || [],
    partial: Boolean((trace.meta || {}).partial),
    kind: (trace.meta || {}).kind,
    quiet: Boolean((trace.meta || {}).quiet),
    calendar: (layout.meta || {}).calendar ? watchdeck.calendar.slots(layout.meta) : null,
  });

  /** The newest finished value, as a reader of the legend expects; an unfinished one if alone. */
  const latest = (one) => {
    if (one.kind === "point") return one.values.length;
    const end = one.values.length - 1;
    let last = one.partial && end > 0 ? end - 1 : end;
    while (last >= 0 && !Number.isFinite(one.values[last])) last -= 1;
    if (last >= 0) return one.values[last];
    return one.partial && Number.isFinite(one.values[end]) ? one.values[end] : null;
  };
  const last = (one) => [...one.values].reverse().find((value) => Number.isFinite(value)) ?? null;
  const sum = (one) => one.values.reduce((all, value) => (Number.isFinite(value) ? all + value : all), 0);
  /** What the legend tells while nothing is pointed at. */
  const resting = (one, layout) => ({ sum, last })[(layout.meta || {}).legend]?.(one) ?? latest(one);
  const slotAt = (one, ms) =>
    one.calendar ? watchdeck.calendar.index(one.calendar, ms) : Math.round((ms - one.start) / one.step);
  const momentOf = (one, slot) => (one.calendar ? one.calendar.starts[slot] : one.start + slot * one.step);
  /** The moment at which the crosshair stands for the slot that lies nearest. */
  const snapped = (one, ms) => {
    if (!one.calendar) return one.step ? momentOf(one, slotAt(one, ms)) : ms;
    const slot = slotAt(one, ms);
    return slot < 0 ? ms : watchdeck.calendar.middle(one.calendar, slot);
  };
  const valueAt = (one, ms) => {
    if (one.kind === "point") return one.values.length;
    const slot = slotAt(one, ms);
    return slot >= 0 && slot < one.values.length ? one.values[slot] : null;
  };

  const legend = (chart, ms = null) => {
    const box = chart.closest(".chart") && chart.closest(".chart").querySelector(".legend");
    if (!box) return;
    const { hidden, figure } = chart.watchdeck;
    const lines = chart.watchdeck.lines.filter((one) => !one.quiet);
    const { value } = watchdeck.format;
    const rows = lines.map((one) => ({ one, now: ms === null ? resting(one, figure.layout) : valueAt(one, ms) }));
    if (ms === null) {
      const weight = ({ now }) => (Number.isFinite(now) ? now : -Infinity);
      rows.sort((a, b) => weight(b) - weight(a));
      chart.watchdeck.order = rows.map((row) => row.one.name);
    } else {
      const order = chart.watchdeck.order || [];
      rows.sort((a, b) => order.indexOf(a.one.name) - order.indexOf(b.one.name));
    }
    const texts = rows.map(({ one, now }) => [one.name, value(now, one.unit)]);
    const { shown, letters } = fitted(texts, box.clientWidth || 300, ms === null ? null : chart);
    if (ms === null) chart.watchdeck.fits = { shown, letters };
    const entries = rows.slice(0, shown).map(({ one }, n) =>
      watchdeck.make(
        "button",
        {
          type: "button",
          class: `entry${hidden.has(one.name) ? " hidden-line" : ""}`,
          "data-line": one.name,
          title: one.name,
        },
        swatch(one),
        watchdeck.make("span", { class: "entry-name" }, cut(one.name, letters)),
        watchdeck.make("b", {}, texts[n][1]),
      ),
    );
    if (rows.length > shown) {
      const more = { type: "button", class: "entry more", "data-do": "table", title: "Show all as a table" };
      entries.push(watchdeck.make("button", more, `+${rows.length - shown} more`));
    }
    box.replaceChildren(...entries);
  };

  const measure = document.createElement("canvas").getContext("2d");
  const wide = (text, weight = 400) => {
    measure.font = `${weight} 12px Inter, system-ui, sans-serif`;
    return measure.measureText(text).width;
  };

  /** A name in at most so many letters; the middle gives way, since ends tell names apart. */
  const cut = (name, letters) => {
    if (name.length <= letters) return name;
    const head = Math.ceil((letters - 1) / 2);
    return `${name.slice(0, head)}…${name.slice(name.length - (letters - 1 - head))}`;
  };

  /** As many entries as fit with readable names, and how long the names may be then. While the
      pointer moves, the places stay as they were. */
  const fitted = (texts, width, chart) => {
    if (chart && chart.watchdeck.fits) return chart.watchdeck.fits;
    const longest = Math.max(0, ...texts.map(([name]) => name.length));
    const room = (count, letters) => {
      const more = texts.length > count ? wide(`+${texts.length - count} more`) : 0;
      const entry = ([name, value]) =>
        wide(cut(name, letters)) + Math.max(wide(value, 600), wide("0.00 %", 600)) + ENTRY_PX;
      return texts.slice(0, count).reduce((sum, text) => sum + entry(text), more) <= width;
    };
    for (let count = Math.min(LEGEND_MOST, texts.length); count > 0; count -= 1) {
      for (let letters = Math.min(40, longest); letters >= NAME_LEAST; letters -= 1) {
        if (room(count, letters)) return { shown: count, letters };
      }
      if (longest <= NAME_LEAST && room(count, longest)) return { shown: count, letters: longest };
    }
    return { shown: Math.min(1, texts.length), letters: NAME_LEAST };
  };

  const swatch = (one) => {
    const mark = watchdeck.make("i", { class: `swatch ${one.dash === "solid" ? "" : "dashed"}` });
    mark.style.color = one.colour;
    return mark;
  };

  /** For screen readers: what the chart shows, in one sentence. */
  const describe = (chart) => {
    const { figure, lines } = chart.watchdeck;
    const meta = (figure.layout || {}).meta || {};
    const panel = chart.closest(".panel");
    const title = panel ? panel.querySelector("h2").textContent : "Chart";
    const zone = watchdeck.view.get().zone;
    const said = lines.slice(0, LEGEND_MOST).map((one) => {
      if (one.kind === "point") return `${one.name}: ${one.values.length}`;
      const known = Array.from(one.values).filter(Number.isFinite);
      const highest = known.length ? known.reduce((a, b) => Math.max(a, b)) : null;
      const { value } = watchdeck.format;
      return `${one.name}: latest ${value(latest(one), one.unit)}, highest ${value(highest, one.unit)}`;
    });
    const range = meta.calendar
      ? watchdeck.calendar.span(meta)
      : watchdeck.range.label(watchdeck.range.absolute(meta.start, meta.end), Date.now(), zone);
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", `${title}, ${range}. ${said.join("; ") || "No data"}.`);
  };

  const redraw = (chart) => {
    if (!chart.isConnected) {
      charts.delete(chart);
      return;
    }
    render(chart);
    legend(chart);
  };

  Plotly.react = (target, figure, ...others) => {
    const chart = typeof target === "string" ? document.getElementById(target) : target;
    const whole = Array.isArray(figure)
      ? { data: figure, layout: others[0] || {}, config: others[1] || {} }
      : figure;
    if (!whole.layout || !whole.layout.meta) return draw(chart, figure, ...others);
    const before = chart.watchdeck || { hidden: new Set(), width: 0 };
    chart.watchdeck = { ...before, figure: whole };
    charts.add(chart);
    watcher.observe(chart);
    const drawn = render(chart);
    legend(chart);
    describe(chart);
    return drawn;
  };

  // A chart that changes its width gets other time labels.
  const watcher = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const state = target.watchdeck;
      if (!state || !contentRect.width) continue;
      if (state.width && Math.abs(state.width - contentRect.width) > 8) redraw(target);
      state.width = contentRect.width;
    }
  });

  const all = () => {
    for (const chart of charts) if (!chart.isConnected) charts.delete(chart);
    return [...charts];
  };
  watchdeck.on("theme", () => all().forEach(redraw));

  // Legend: hover lights one line up, click hides it, Alt+click shows only it.
  const chartOf = (entry) => {
    const box = entry.closest(".chart");
    return box && box.querySelector(".js-plotly-plot");
  };
  document.addEventListener("click", (event) => {
    const entry = event.target.closest && event.target.closest(".entry[data-line]");
    const chart = entry && chartOf(entry);
    if (!chart || !chart.watchdeck) return;
    const { hidden, lines } = chart.watchdeck;
    const name = entry.dataset.line;
    if (event.altKey) {
      const alone = lines.every((one) => one.name === name || hidden.has(one.name));
      hidden.clear();
      if (!alone) lines.forEach((one) => one.name !== name && hidden.add(one.name));
    } else if (!hidden.delete(name)) {
      hidden.add(name);
    }
    chart.watchdeck.lit = null;
    redraw(chart);
  });
  const light = (event, on) => {
    const entry = event.target.closest && event.target.closest(".entry[data-line]");
    const chart = entry && chartOf(entry);
    if (!chart || !chart.watchdeck || chart.watchdeck.lines.length < 2) return;
    const name = on ? entry.dataset.line : null;
    if (chart.watchdeck.lit === name) return;
    chart.watchdeck.lit = name;
    render(chart);
  };
  document.addEventListener("mouseover", (event) => light(event, true));
  document.addEventListener("mouseout", (event) => light(event, false));

  watchdeck.charts = { all, legend, valueAt, momentOf, snapped, latest, redraw, draw };
})();
