/* What hands do on the waterfall: fold, search, zoom by dragging, open a row. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const fall = watchdeck.waterfall;
  const byId = (id) => document.getElementById(id);
  const near = (event, what) => event.target.closest && event.target.closest(what);
  let drag = null;

  const legend = ({ services, troubles, logs }) => {
    const entries = services.slice(0, 12).map((name, n) => {
      const swatch = watchdeck.make("i", { class: "swatch" });
      swatch.style.color = `var(${n < 8 ? `--series-${n + 1}` : "--series-other"})`;
      return watchdeck.make("span", { class: "entry", title: name }, swatch, name);
    });
    const rest = services.length - entries.length;
    if (rest > 0) entries.push(watchdeck.make("span", { class: "entry more" }, `+${rest} more`));
    byId("waterfall-legend").replaceChildren(...entries);
    document.querySelector('[data-fall="trouble"]').hidden = !troubles;
    byId("waterfall-lines").hidden = !logs.length;
  };

  /** A new trace, or the same one again: then what is folded and zoomed stays. */
  const mount = (text) => {
    const data = text ? JSON.parse(text) : null;
    if (!data || !data.rows || !byId("waterfall-rows")) return "";
    const before = fall.get();
    const next = fall.fresh(data);
    if (before && before.data.trace === data.trace && before.rows.length === data.rows.length && before.mounted === byId("waterfall-rows")) {
      for (const kept of ["closed", "from", "to", "words", "least", "active", "lines"]) next[kept] = before[kept];
    }
    next.mounted = byId("waterfall-rows");
    fall.set(next);
    legend(data);
    fall.lay();
    fall.minimap();
    watcher.observe(byId("waterfall-rows"));
    return data.trace;
  };
  const watcher = new ResizeObserver(() => {
    if (!fall.get()) return;
    fall.draw();
    fall.minimap();
  });
  watchdeck.on("theme", () => fall.get() && byId("waterfall-map") && fall.minimap());

  document.addEventListener("scroll", (event) => {
    if (event.target.id === "waterfall-rows") fall.draw();
  }, true);

  const DO = {
    trouble: fall.nextTrouble,
    more: () => fall.depth(1),
    less: () => fall.depth(-1),
    lines: () => fall.showLines(!fall.get().lines),
    whole: () => fall.zoom(0, fall.get().data.length),
  };
  document.addEventListener("click", (event) => {
    if (!fall.get() || !near(event, "#waterfall")) return;
    const button = near(event, "[data-fall]");
    if (button) DO[button.dataset.fall]();
    const least = near(event, "[data-least]");
    if (least) {
      for (const one of document.querySelectorAll("[data-least]")) {
        one.setAttribute("aria-pressed", String(one === least));
      }
      fall.get().least = Number(least.dataset.least) * (least.dataset.of === "share" ? fall.get().data.length / 100 : 1);
      fall.lay();
    }
    const folded = near(event, "[data-fold]");
    const row = near(event, "[data-row]");
    if (folded) {
      const n = Number(folded.dataset.fold);
      fall.fold(n, !fall.get().closed.has(n));
    } else if (row && !moved) {
      const n = Number(row.dataset.row);
      byId("waterfall-rows").focus({ preventScroll: true });
      const chosen = fall.get().rows[n];
      if (chosen[3] > 1 || chosen[15] === "lines") fall.fold(n, !fall.get().closed.has(n));
      else fall.open(n);
    }
    const line = near(event, "[data-log]");
    if (line) {
      fall.showLine(Number(line.dataset.log));
      pointOut(Number(line.dataset.log));
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.id !== "waterfall-search" || !fall.get()) return;
    fall.get().words = event.target.value;
    fall.lay();
  });

  /** A mark on the time line leads to its line in the list, and back. */
  const pointOut = (n) => {
    const line = document.querySelector(`[data-line-of-trace="${n}"]`);
    if (!line) return;
    document.querySelectorAll(".trace-line.lit").forEach((one) => one.classList.remove("lit"));
    line.classList.add("lit");
    line.scrollIntoView({ block: "nearest" });
  };
  const cursor = (us) => {
    const frame = byId("waterfall");
    if (!frame || !fall.get()) return;
    const { from, to } = fall.get();
    const there = us !== null && us >= from && us <= to;
    frame.classList.toggle("pointed", there);
    if (there) frame.style.setProperty("--at", String((us - from) / (to - from)));
  };
  document.addEventListener("mouseover", (event) => {
    const line = near(event, "[data-line-of-trace]");
    if (line) cursor(Number(line.dataset.at));
  });
  document.addEventListener("mouseout", (event) => {
    if (near(event, "[data-line-of-trace]")) cursor(null);
  });

  // Dragging over the bars shows that stretch; over the map below it moves the window.
  let moved = false;
  const placeOf = (event, area, whole) => {
    const box = area.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const { from, to, data } = fall.get();
    return whole ? share * data.length : from + share * (to - from);
  };
  document.addEventListener("pointerdown", (event) => {
    moved = false;
    const map = near(event, "#waterfall-map");
    const area = map || near(event, ".bar-cell, #waterfall-ticks");
    if (event.button !== 0 || !fall.get() || !area || !near(event, "#waterfall") || near(event, "[data-log]")) return;
    drag = { area: map || byId("waterfall-ticks"), whole: Boolean(map), x: event.clientX };
    drag.from = placeOf(event, drag.area, drag.whole);
    event.preventDefault();
    byId("waterfall-rows").focus({ preventScroll: true });
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    moved = moved || Math.abs(event.clientX - drag.x) > fall.DRAG_FROM;
    if (!moved) return;
    const at = placeOf(event, drag.area, drag.whole);
    const mark = byId("waterfall-chosen");
    const frame = byId("waterfall").getBoundingClientRect();
    const left = Math.min(event.clientX, drag.x) - frame.left;
    mark.style.cssText = `left:${left}px;width:${Math.abs(event.clientX - drag.x)}px`;
    mark.hidden = false;
    drag.to = at;
  });
  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { from, to } = drag;
    drag = null;
    const mark = byId("waterfall-chosen");
    if (mark) mark.hidden = true;
    if (moved && to !== undefined) fall.zoom(Math.min(from, to), Math.max(from, to));
  });
  document.addEventListener("dblclick", (event) => {
    if (fall.get() && near(event, ".bar-cell, #waterfall-ticks, #waterfall-map")) DO.whole();
  });

  const clientside = (window.dash_clientside = window.dash_clientside || {});
  clientside.watchdeck = { ...clientside.watchdeck, waterfall: mount };
})();
