/* What AG Grid needs from us: the theme out of the style sheet, cells for states, numbers, times
   and sparklines, and a height that follows the rows. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const components = (window.dashAgGridComponentFunctions =
    window.dashAgGridComponentFunctions || {});
  const WEIGHT = ["critical", "warning", "could_not_ask", "no_data", "silenced", "ok"];
  const WORDS = {
    critical: "Critical",
    warning: "Warning",
    could_not_ask: "Could not ask",
    no_data: "No data",
    silenced: "Silenced",
    ok: "OK",
  };
  const [WIDTH, HEIGHT, EDGE] = [120, 20, 2];
  const [NARROW, WIDE] = [768, 1600];

  const el = (...parts) => window.React.createElement(...parts);
  const unit = (params) => ((params.colDef || {}).context || {}).unit || "none";
  const missing = (value) => value === null || value === undefined || value === "";

  functions.watchdeckTheme = (theme) =>
    theme.withParams({
      backgroundColor: "var(--surface)",
      foregroundColor: "var(--text)",
      textColor: "var(--text)",
      headerBackgroundColor: "var(--surface)",
      headerTextColor: "var(--text-2)",
      headerFontWeight: 500,
      headerFontSize: 12,
      borderColor: "var(--line)",
      rowBorder: { color: "var(--line)" },
      wrapperBorder: false,
      wrapperBorderRadius: 0,
      headerRowBorder: { color: "var(--line)" },
      columnBorder: false,
      rowHoverColor: "var(--raised)",
      selectedRowBackgroundColor: "var(--raised)",
      accentColor: "var(--accent)",
      fontFamily: "inherit",
      fontSize: 13,
      cellHorizontalPadding: 12,
      iconSize: 12,
      headerColumnResizeHandleColor: "var(--line)",
      tooltipBackgroundColor: "var(--surface)",
      tooltipTextColor: "var(--text)",
      tooltipBorder: { color: "var(--line)" },
      browserColorScheme: "inherit",
    });

  /** A number of a log may be an id or a port: nothing is rounded away. */
  const plain = (value) =>
    Number(value).toLocaleString("en", { maximumFractionDigits: 4, useGrouping: false });
  /** A ratio of new to old; what has no old is so large that it is "new". */
  const changed = (ratio) => watchdeck.format.change(ratio < 1e9 ? ratio : 1, ratio < 1e9 ? 1 : 0);
  functions.watchdeckNumber = (params) => {
    if (unit(params) === "change" && !missing(params.value)) return changed(params.value);
    if (unit(params) !== "plain") return watchdeck.format.value(params.value, unit(params));
    return missing(params.value) ? watchdeck.format.DASH : plain(params.value);
  };
  functions.watchdeckExact = (params) =>
    missing(params.value) ? null : `${Number(params.value).toLocaleString("en", { maximumFractionDigits: 6 })} ${unit(params).replace(/_/g, " ")}`;
  functions.watchdeckTime = (params) =>
    missing(params.value)
      ? watchdeck.format.DASH
      : watchdeck.format.at(params.value, watchdeck.view.get().zone, Date.now());
  functions.watchdeckExactTime = (params) =>
    missing(params.value)
      ? null
      : watchdeck.format.exact(params.value, watchdeck.view.get().zone);
  functions.watchdeckInstant = (params) =>
    missing(params.value)
      ? watchdeck.format.DASH
      : watchdeck.format.instant(params.value, watchdeck.view.get().zone, Date.now(), unit(params) === "exact");

  /** What a line says of itself: a level as a word in capitals, or under the usual names in JSON. */
  const ERROR_WORDS = /\b(ERROR|FATAL|CRITICAL|SEVERE|EMERG|PANIC)\b|Task timed out after|Traceback \(most recent/;
  const WARN_WORDS = /\b(WARN|WARNING)\b/;
  const JSON_LEVEL = /"(?:level|severity|log_?level)"\s*:\s*"([a-z]+)"/i;
  functions.watchdeckLevel = ({ data }) => {
    if (!data) return "";
    const own = data.level || data["@level"] || data.severity;
    const line = String(data["@message"] || "").slice(0, 2000);
    const told = own ? String(own) : (JSON_LEVEL.exec(line) || [])[1];
    if (told) {
      if (/^(error|fatal|critical|severe)$/i.test(told)) return "error";
      return /^warn(ing)?$/i.test(told) ? "warn" : "";
    }
    if (ERROR_WORDS.test(line)) return "error";
    return WARN_WORDS.test(line) ? "warn" : "";
  };

  functions.watchdeckByWeight = (a, b) => WEIGHT.indexOf(b) - WEIGHT.indexOf(a);
  /* Rows without a number stay below those with one when the greatest come first. */
  functions.watchdeckByNumber = (a, b) => {
    const [x, y] = [missing(a) ? -Infinity : Number(a), missing(b) ? -Infinity : Number(b)];
    return x === y ? 0 : x - y;
  };

  /** Grows with its rows up to `most` px, then scrolls; hides lesser columns on a phone. */
  functions.watchdeckFit = (params, most) => {
    const api = params.api;
    if (!api || api.isDestroyed()) return;
    const needed = 34 + 30 * api.getDisplayedRowCount();
    const root = api.getGridId && document.querySelector(`[grid-id="${api.getGridId()}"]`);
    const grid = root && root.closest(".grid");
    const scrolls = needed > most;
    if ((api.getGridOption("domLayout") === "normal") !== scrolls) {
      api.setGridOption("domLayout", scrolls ? "normal" : "autoHeight");
    }
    if (grid) grid.style.height = scrolls ? `${most}px` : "";
    const narrow = window.innerWidth < NARROW;
    const columns = api.getColumns() || [];
    const kept = columns.filter((column) => (column.getColDef().context || {}).phone);
    if (!kept.length) return;
    const wide = columns.filter((column) => (column.getColDef().context || {}).wide);
    const rest = columns.filter((column) => !kept.includes(column) && !wide.includes(column));
    if (rest.length && rest[0].isVisible() === narrow) api.setColumnsVisible(rest, !narrow);
    const roomy = window.innerWidth >= WIDE;
    if (wide.length && wide[0].isVisible() !== roomy) api.setColumnsVisible(wide, roomy);
    if (grid) grid.dataset.fitted = "yes";
  };

  /* A grid may have its rows before anybody listens to it: what was never fitted, or has grown
     too high, is fitted then. */
  const apiOf = (grid) => {
    try {
      return window.dash_ag_grid.getApi(JSON.parse(grid.id));
    } catch {
      return null;
    }
  };
  let looking = 0;
  const fitLate = () => {
    looking = 0;
    for (const root of document.querySelectorAll(".grid .ag-root-wrapper.ag-layout-auto-height")) {
      const grid = root.closest(".grid");
      const most = parseFloat(grid.style.getPropertyValue("--most"));
      const due = !grid.dataset.fitted || grid.offsetHeight > most;
      const api = due ? apiOf(grid) : null;
      if (api) functions.watchdeckFit({ api }, most);
    }
  };
  new MutationObserver(() => {
    looking = looking || setTimeout(fitLate, 50);
  }).observe(document.documentElement, { childList: true, subtree: true });

  const badge = (state) =>
    el(
      "span",
      { className: `badge state-${state.replace(/_/g, "-")}` },
      el("span", { className: "shape", "aria-hidden": true }),
      WORDS[state] || state,
    );

  components.WatchdeckState = ({ value, data, colDef }) => {
    if (missing(value)) return watchdeck.format.DASH;
    const why = data && data[`${colDef.field}_why`];
    return el("span", { title: why || undefined }, badge(value));
  };

  /** How a request ended, in the shapes of the states. */
  const OUTCOMES = { fault: ["critical", "Fault"], throttle: ["silenced", "Throttled"], error: ["warning", "Error"], ok: ["ok", "OK"] };
  const SEVERITY = Object.keys(OUTCOMES).reverse();
  functions.watchdeckByOutcome = (a, b) => SEVERITY.indexOf(a) - SEVERITY.indexOf(b);
  components.WatchdeckOutcome = ({ value }) => {
    const [state, word] = OUTCOMES[value] || ["no-data", watchdeck.format.DASH];
    return el("span", { className: `badge state-${state}` }, el("span", { className: "shape", "aria-hidden": true }), word);
  };

  const COVERS = {
    on: "On",
    other: "Own",
    coming: "Coming",
    leaving: "Leaving",
    off: "Off",
    impossible: "Not possible",
  };

  /** How a recommended alarm stands: the state's shape where one watches, words where none does. */
  components.WatchdeckCover = ({ value, data, colDef }) => {
    const why = (data && data[`${colDef.field}_why`]) || undefined;
    if (missing(value) || value === "not_for_it") {
      return el("span", { className: "muted", title: why }, watchdeck.format.DASH);
    }
    const watched = value === "on" || value === "other" || value === "leaving";
    const state = (data && data[`${colDef.field}_state`]) || "ok";
    const shape = el("span", { className: "shape", "aria-hidden": true });
    const looks = watched ? `badge state-${state.replace(/_/g, "-")}` : `cover cover-${value}`;
    const said = watched && state !== "ok" ? `${COVERS[value]}, ${WORDS[state].toLowerCase()}` : COVERS[value];
    return el("span", { className: looks, title: why }, watched ? shape : null, said);
  };

  /** Long names give way in the middle: their ends tell them apart. */
  const TAIL = 16;
  const middle = (text) =>
    text.length <= TAIL + 4
      ? text
      : el(
          "span",
          { className: "middle" },
          el("span", {}, text.slice(0, -TAIL)),
          el("span", {}, text.slice(-TAIL)),
        );

  components.WatchdeckName = ({ value, data, colDef }) => {
    const href = data && data[`${colDef.field}_href`];
    const text = missing(value) ? watchdeck.format.DASH : String(value);
    if (!href) return el("span", { title: text }, middle(text));
    const known = { href: watchdeck.view.carried(href), className: "link", title: text };
    return el("a", known, middle(text));
  };

  components.WatchdeckCode = ({ value }) => {
    if (missing(value)) return watchdeck.format.DASH;
    return el(
      "span",
      { className: "copyable" },
      el("code", { title: value }, middle(String(value))),
      el("button", { type: "button", className: "icon-button", "data-copy": value, title: "Copy" },
        el("span", { className: "icon icon-copy" })),
    );
  };

  /** A log group; its account is on hover. */
  components.WatchdeckGroup = ({ value }) => {
    if (missing(value)) return watchdeck.format.DASH;
    const name = String(value).replace(/^\d{12}:/, "");
    return el("span", { title: value, className: "ending" }, el("bdi", {}, name));
  };

  /** Points as they come: numbers in one text, "-" for a gap. */
  const points = (text) =>
    missing(text) ? [] : text.split(" ").map((point) => (point === "-" ? NaN : Number(point)));

  components.WatchdeckSpark = ({ value: text, data, colDef }) => {
    const value = points(text);
    const known = value.filter((number) => Number.isFinite(number));
    if (!known.length) return el("span", { className: "muted" }, watchdeck.format.DASH);
    const limit = data ? data[`${colDef.field}_threshold`] : null;
    const also = Number.isFinite(limit) ? [limit] : [];
    const low = Math.min(0, ...known, ...also);
    const span = Math.max(...known, ...also) - low || 1;
    const height = (number) => HEIGHT - EDGE - ((number - low) / span) * (HEIGHT - 2 * EDGE);
    const step = (WIDTH - 2 * EDGE) / Math.max(1, value.length - 1);
    let path = "";
    let down = false;
    let last = [0, 0];
    value.forEach((number, n) => {
      if (!Number.isFinite(number)) {
        down = false;
        return;
      }
      last = [EDGE + n * step, height(number)];
      path += `${down ? "L" : "M"}${last[0].toFixed(1)} ${last[1].toFixed(1)}`;
      down = true;
    });
    return el(
      "svg",
      { className: "cell-spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": true },
      also.length
        ? el("line", { className: "limit", x1: 0, x2: WIDTH, y1: height(limit), y2: height(limit) })
        : null,
      el("path", { d: path }),
      el("circle", { cx: last[0], cy: last[1], r: 1.75 }),
    );
  };

  components.WatchdeckStrip = ({ value }) =>
    el(
      "span",
      { className: "strip" },
      ...(value || []).map((state) =>
        el("i", {
          className: state ? `state-${state.replace(/_/g, "-")}` : "",
          title: state ? WORDS[state] : "Not collected",
        }),
      ),
    );
})();
