/* The waterfall of a trace: rows that fold, a time line that zooms, and only as many elements as can
   be seen, so that thousands of spans scroll as a few do. Python computes the rows. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const ROW = 24;
  const BEYOND = 10;
  const HIGHEST = 640;
  const PIECES_MOST = 200;
  const DRAG_FROM = 4;
  const TICKS = [1, 2, 5];
  /* The places of a row's values, as dashboards/parts/waterfall.py writes them. */
  const [ID, DEPTH, BELOW, COUNT, LABEL, TARGET, SERVICE, START, LENGTH, SELF, TROUBLE, STATUS, MARKS, OWN, PATH, KIND, PAUSES, INNER] =
    Array.from({ length: 18 }, (_, n) => n);
  const isLog = (row) => row[KIND] === "line" || row[KIND] === "lines";
  const TROUBLES = { fault: "critical", error: "warning", throttle: "silenced" };
  const WORDS = { fault: "Fault", error: "Error", throttle: "Throttled" };

  const byId = (id) => document.getElementById(id);
  const make = watchdeck.make;
  const time = (us) => watchdeck.format.value(us / 1000, "milliseconds");
  const roleOf = (n) => (n < 8 ? `--series-${n + 1}` : "--series-other");
  let state = null;

  const fresh = (data) => ({
    data,
    rows: data.rows,
    closed: new Set(data.rows.flatMap((row, n) => (row[COUNT] > 1 || row[KIND] === "lines" ? [n] : []))),
    lines: true,
    from: 0,
    to: data.length,
    words: "",
    least: 0,
    seen: [],
    active: -1,
    above: aboves(data.rows),
  });

  /** For each row the one that it hangs from, -1 at the top. */
  const aboves = (rows) => {
    const way = [];
    return rows.map((row, n) => {
      way.length = row[DEPTH];
      way.push(n);
      return row[DEPTH] ? way[row[DEPTH] - 1] : -1;
    });
  };

  /** Rows that the search and the least length let through, with all above them. */
  const kept = () => {
    const { rows, words, least, above } = state;
    const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
    const keeps = rows.map((row) => {
      const text = `${row[LABEL]} ${row[TARGET]} ${state.data.services[row[SERVICE]]} ${row[STATUS] || ""} ${row[TROUBLE]}`.toLowerCase();
      return (isLog(row) ? !least : row[LENGTH] >= least) && sought.every((word) => text.includes(word));
    });
    for (let n = rows.length - 1; n >= 0; n -= 1) if (keeps[n] && above[n] >= 0) keeps[above[n]] = true;
    return keeps;
  };

  const lay = () => {
    const keeps = state.words || state.least ? kept() : null;
    const seen = [];
    for (let n = 0; n < state.rows.length; n += 1) {
      if (keeps && !keeps[n]) continue;
      if (!state.lines && isLog(state.rows[n])) continue;
      seen.push(n);
      if (state.closed.has(n) && !state.words) n += state.rows[n][BELOW];
    }
    state.seen = seen;
    const list = byId("waterfall-rows");
    list.firstChild.style.height = `${seen.length * ROW}px`;
    list.style.height = `${Math.min(HIGHEST, ROW * Math.max(3, seen.length) + 2)}px`;
    const told = byId("waterfall-told");
    const hidden = state.rows.length - seen.length;
    told.textContent = hidden ? `${seen.length} of ${state.rows.length} rows` : "";
    draw();
  };

  const share = (us) => (100 * (us - state.from)) / (state.to - state.from);
  const placed = (element, start, length) => {
    const [left, right] = [Math.max(-1, share(start)), Math.min(101, share(start + length))];
    element.style.left = `${left}%`;
    element.style.width = `${Math.max(0, right - left)}%`;
    element.hidden = right < 0 || left > 100;
    return element;
  };

  const pieces = (kind, flat) => {
    const found = [];
    for (let n = 0; n < Math.min(flat.length, 2 * PIECES_MOST); n += 2) {
      found.push(placed(make("i", { class: kind }), flat[n], flat[n + 1]));
    }
    return found;
  };

  const pauses = (row) =>
    pieces("pause", row[PAUSES]).map((piece, n) => {
      piece.title = `No call for ${time(row[PAUSES][2 * n + 1])}: it worked itself, waited, or what ran is not traced`;
      return piece;
    });

  /** A closed row shows the critical path of what it hides. */
  const pathOf = (n) => {
    if (!state.closed.has(n)) return state.rows[n][PATH];
    return state.rows.slice(n, n + state.rows[n][BELOW] + 1).flatMap((row) => row[PATH]);
  };
  const hiddenTrouble = (n) => {
    if (!state.closed.has(n)) return "";
    const below = state.rows.slice(n + 1, n + 1 + state.rows[n][BELOW]);
    return ["fault", "throttle", "error"].find((kind) => below.some((row) => row[TROUBLE] === kind)) || "";
  };

  const trouble = (kind, hollow) =>
    kind
      ? make("span", {
          class: `shape state-${TROUBLES[kind]}${hollow ? " hollow" : ""}`,
          role: "img",
          title: hollow ? `${WORDS[kind]} further down` : WORDS[kind],
          "aria-label": hollow ? `${WORDS[kind]} further down` : WORDS[kind],
        })
      : null;

  const indent = (cell, row) => {
    cell.style.paddingLeft = `${Math.min(row[DEPTH], 24) * 12}px`;
    return cell;
  };

  const nameCell = (row, n) => {
    const open = !state.closed.has(n);
    const fold = row[BELOW]
      ? make("button", { type: "button", class: "fold-row", "data-fold": n, tabindex: -1, title: open ? "Fold" : "Unfold" },
          make("span", { class: `icon icon-down${open ? "" : " folded"}` }))
      : make("span", { class: "fold-row" });
    const own = trouble(row[TROUBLE], false) || trouble(hiddenTrouble(n), true);
    const name = make("span", { class: "row-name" },
      row[COUNT] > 1 ? make("b", {}, `${row[COUNT]} × `) : null,
      make("b", {}, row[LABEL]),
      row[TARGET] ? make("span", { class: "muted" }, ` → ${row[TARGET]}`) : null,
      open || row[COUNT] > 1 || !row[INNER] ? null : make("span", { class: "muted" }, ` +${row[INNER]}`));
    const cell = make("div", { class: "name-cell" }, fold, make("i", { class: "service-edge" }), own, name);
    return indent(cell, row);
  };

  const barCell = (row, n) => {
    const bar = placed(make("i", { class: `bar${row[MARKS].includes("open") ? " open" : ""}` }), row[START], row[LENGTH]);
    const cell = make("div", { class: "bar-cell" }, bar, ...pieces("own", row[OWN]), ...pauses(row), ...pieces("path", pathOf(n)));
    const [left, right] = [share(row[START]), share(row[START] + row[LENGTH])];
    const label = make("span", { class: "bar-time" }, row[MARKS].includes("open") ? "in progress" : time(row[LENGTH]));
    if (right < 86) label.style.left = `calc(${Math.max(0, right)}% + 6px)`;
    else if (left > 14) label.style.right = `calc(${100 - Math.min(100, left)}% + 6px)`;
    else label.classList.add("inside");
    cell.append(label);
    return cell;
  };

  /** What every row has, whatever it tells of. */
  const set = (element, row, n, place) => {
    element.id = `span-row-${n}`;
    element.dataset.row = n;
    element.setAttribute("aria-level", row[DEPTH] + 1);
    element.setAttribute("aria-selected", String(n === state.active));
    if (row[BELOW]) element.setAttribute("aria-expanded", String(!state.closed.has(n)));
    element.style.setProperty("--bar", `var(${roleOf(row[SERVICE])})`);
    element.style.transform = `translateY(${place * ROW}px)`;
    return element;
  };

  const SAID = { open: "not over yet", orphan: "its parent is not in the trace", looped: "it is above itself" };
  const drawnRow = (n, place) => {
    const row = state.rows[n];
    if (row[KIND]) return set(watchdeck.fallBetween.row(row, n, { state, placed, time, indent }), row, n, place);
    const marks = row[MARKS].map((mark) => SAID[mark]).filter(Boolean);
    const element = make("div", {
      class: `span-row${n === state.active ? " active" : ""}`,
      role: "treeitem",
      title: [`${row[LABEL]}${row[TARGET] ? ` → ${row[TARGET]}` : ""}`, `in ${state.data.services[row[SERVICE]]}`, ...marks].join(" · "),
    },
      nameCell(row, n),
      make("div", { class: "status-cell" }, row[STATUS] ? String(row[STATUS]) : marks.length ? make("span", { class: "icon icon-could-not-ask" }) : ""),
      make("div", { class: "number-cell" }, row[MARKS].includes("open") ? watchdeck.format.DASH : time(row[LENGTH])),
      make("div", { class: "number-cell" }, time(row[SELF])),
      barCell(row, n));
    return set(element, row, n, place);
  };

  const draw = () => {
    const list = byId("waterfall-rows");
    if (!state || !list) return;
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - BEYOND);
    const last = Math.min(state.seen.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + BEYOND);
    const rows = [];
    for (let place = first; place < last; place += 1) rows.push(drawnRow(state.seen[place], place));
    list.firstChild.replaceChildren(...rows);
    if (state.active >= 0) list.setAttribute("aria-activedescendant", `span-row-${state.active}`);
    ticks();
  };

  const ticks = () => {
    const head = byId("waterfall-ticks");
    const span = state.to - state.from;
    const rough = span / Math.max(2, Math.floor(head.clientWidth / 110));
    const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
    const step = (TICKS.find((size) => size * power >= rough) || 10) * power;
    const marks = [];
    for (let at = Math.ceil(state.from / step) * step; at < state.to; at += step) {
      const mark = make("span", {}, at ? time(at) : "0");
      mark.style.left = `${share(at)}%`;
      if (share(at) > 94) mark.className = "last";
      marks.push(mark);
    }
    const lines = state.data.logs.map(([at, level, text], n) => {
      const line = make("button", { type: "button", class: `log-mark ${level}`, "data-log": n, title: `+${time(at)} ${text}`, tabindex: -1 });
      const there = Math.min(state.data.length, Math.max(0, at));
      line.style.left = `${share(there)}%`;
      line.hidden = there < state.from || there > state.to;
      return line;
    });
    head.replaceChildren(...marks, ...lines);
  };

  /** The whole trace at a glance, with the part that is shown. */
  const minimap = () => {
    const map = byId("waterfall-map");
    if (!map) return; // The page has just been left.
    const canvas = map.querySelector("canvas");
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const shown = state.rows.filter((row) => row[COUNT] === 1 && !row[KIND]);
    const line = Math.max(0.5, Math.min(4, (height - 4) / shown.length));
    shown.forEach((row, n) => {
      pen.fillStyle = watchdeck.colour(row[TROUBLE] ? "--critical" : roleOf(row[SERVICE]));
      const y = 2 + (n * (height - 4)) / Math.max(shown.length, (height - 4) / 4);
      pen.fillRect((row[START] / state.data.length) * width, y, Math.max(1, (row[LENGTH] / state.data.length) * width), Math.max(0.75, line - 0.5));
    });
    const [left, right] = [state.from, state.to].map((us) => (100 * us) / state.data.length);
    const [before, after] = map.querySelectorAll(".shade");
    before.style.width = `${left}%`;
    after.style.width = `${100 - right}%`;
  };

  const zoom = (from, to) => {
    const least = Math.max(1, state.data.length / 5000);
    [state.from, state.to] = [Math.max(0, from), Math.min(state.data.length, Math.max(to, from + least))];
    byId("waterfall").classList.toggle("zoomed", state.from > 0 || state.to < state.data.length);
    draw();
    minimap();
  };

  const open = (n) => {
    state.active = n;
    draw();
    if (state.rows[n][KIND] === "gap") return;
    watchdeck.setProps("trace:selected", { data: { id: state.rows[n][ID], at: Date.now() } });
  };
  const show = (n) => {
    for (let at = state.above[n]; at >= 0; at = state.above[at]) state.closed.delete(at);
    state.active = n;
    lay();
    const list = byId("waterfall-rows");
    const y = state.seen.indexOf(n) * ROW;
    if (y < list.scrollTop || y > list.scrollTop + list.clientHeight - ROW) {
      list.scrollTop = y - list.clientHeight / 2;
    }
    draw();
  };
  const fold = (n, closed) => {
    if (closed) state.closed.add(n);
    else state.closed.delete(n);
    lay();
  };
  /** The next row with trouble of its own, from the active one on and then from the top. */
  const nextTrouble = () => {
    const bad = state.rows.flatMap((row, n) => (row[TROUBLE] && row[COUNT] === 1 ? [n] : []));
    if (bad.length) show(bad.find((n) => n > state.active) ?? bad[0]);
    else watchdeck.toast("Nothing went wrong in this trace");
  };
  const depth = (by) => {
    const parents = state.rows.flatMap((row, n) => (row[BELOW] && !row[KIND] ? [n] : []));
    const open_ = parents.filter((n) => !state.closed.has(n)).map((n) => state.rows[n][DEPTH]);
    const deepest = open_.length ? Math.max(...open_) : -1;
    const limit = deepest + by;
    for (const n of parents) {
      if (state.rows[n][DEPTH] > limit) state.closed.add(n);
      else if (by > 0) state.closed.delete(n);
    }
    lay();
  };

  /** Log lines among the rows, or spans alone. */
  const showLines = (there) => {
    state.lines = there;
    const row = state.rows[state.active];
    if (!there && row && isLog(row)) state.active = state.above[state.active];
    byId("waterfall-lines").setAttribute("aria-pressed", String(there));
    lay();
  };
  /** Go to a log line, wherever it is folded away. */
  const showLine = (number) => {
    const n = state.rows.findIndex((row) => row[ID] === `line:${number}`);
    if (n < 0) return;
    if (!state.lines) showLines(true);
    show(n);
  };

  const keys = {
    ArrowDown: (place) => Math.min(state.seen.length - 1, place + 1),
    ArrowUp: (place) => Math.max(0, place - 1),
    Home: () => 0,
    End: () => state.seen.length - 1,
  };
  document.addEventListener("keydown", (event) => {
    if (!state || event.target.id !== "waterfall-rows") return;
    const place = state.seen.indexOf(state.active);
    const row = state.rows[state.active];
    if (keys[event.key]) show(state.seen[keys[event.key](place)]);
    else if (event.key.toLowerCase() === "l" && !event.ctrlKey && !event.metaKey) showLines(!state.lines);
    else if (event.key === "Enter" && row) {
      if (row[KIND] === "lines") fold(state.active, !state.closed.has(state.active));
      else open(state.active);
    }
    else if (event.key === "ArrowRight" && row) fold(state.active, false);
    else if (event.key === "ArrowLeft" && row) {
      if (row[BELOW] && !state.closed.has(state.active)) fold(state.active, true);
      else if (state.above[state.active] >= 0) show(state.above[state.active]);
    } else return;
    event.preventDefault();
  });

  watchdeck.waterfall = { get: () => state, lay, draw, minimap, zoom, show, open, fold, depth, nextTrouble, showLines, showLine, fresh, DRAG_FROM };
  watchdeck.waterfall.set = (next) => {
    state = next;
  };
})();
