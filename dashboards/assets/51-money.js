/* Cells of tables about money: how much of a limit is used, and the share of a whole. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const components = (window.dashAgGridComponentFunctions =
    window.dashAgGridComponentFunctions || {});
  const LIMIT = 100;

  const el = (...parts) => window.React.createElement(...parts);
  const missing = (value) => value === null || value === undefined || value === "";
  const dash = () => el("span", { className: "muted" }, watchdeck.format.DASH);
  const percent = (value) => watchdeck.format.value(value, "percent");

  /** As long as the largest of use, forecast and limit; the twin of parts/meters.py. */
  components.WatchdeckMeter = ({ value: used, data, colDef }) => {
    if (missing(used)) return dash();
    const forecast = data[`${colDef.field}_forecast`];
    const state = (data[`${colDef.field}_state`] || "ok").replace(/_/g, "-");
    const most = Math.max(LIMIT, used, forecast || 0);
    const share = (value) => `${Math.max(0, (100 * value) / most)}%`;
    const said = `${percent(used)}${missing(forecast) ? "" : `, forecast ${percent(forecast)}`}`;
    return el(
      "span",
      { className: `meter state-${state}`, role: "meter", title: said, "aria-label": said, "aria-valuenow": Math.round(used), "aria-valuemin": 0, "aria-valuemax": 100 },
      el("i", { className: "meter-used", style: { width: share(used) } }),
      el("i", { className: "meter-forecast", style: { left: share(used), width: share(Math.max(0, (forecast || 0) - used)) } }),
      el("b", { style: { left: share(LIMIT) } }),
    );
  };

  components.WatchdeckShare = ({ value }) => {
    if (missing(value)) return dash();
    return el(
      "span",
      { className: "share-cell" },
      el("span", { className: "share", "aria-hidden": true }, el("i", { style: { width: `${Math.min(100, Math.max(0, value))}%` } })),
      el("span", { className: "number" }, percent(value)),
    );
  };
})();
