/* Rows between the spans of a waterfall: log lines at their moment, and stretches in which nothing ran. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const [BELOW, LABEL, TARGET, START, LENGTH, MARKS, OWN, KIND] = [2, 4, 5, 7, 8, 12, 13, 15];
  const WORDS = { error: "error", warn: "warning" };
  const make = watchdeck.make;

  const fold = (n, closed) =>
    make("button", { type: "button", class: "fold-row", "data-fold": n, tabindex: -1, title: closed ? "Show the lines" : "Fold the lines" },
      make("span", { class: `icon icon-down${closed ? " folded" : ""}` }));

  /** Where the lines stand in time: a mark each. */
  const moments = (row, { placed, state }) => {
    const within = (us) => Math.min(state.data.length, Math.max(0, us)); // Just before or after: at the edge.
    const at = row[KIND] === "line" ? [row[START], 0] : row[OWN];
    const found = [];
    for (let n = 0; n < at.length; n += 2) {
      found.push(placed(make("i", { class: `moment ${row[MARKS][0] || ""}` }), within(at[n]), 0));
    }
    return found;
  };

  const bar = (row, tools) => {
    const cell = make("div", { class: "bar-cell" });
    if (row[KIND] !== "gap") {
      cell.append(...moments(row, tools));
      return cell;
    }
    cell.append(tools.placed(make("i", { class: "nothing-ran" }), row[START], row[LENGTH]));
    return cell;
  };

  const row = (row, n, tools) => {
    const { state, time, indent } = tools;
    const level = row[MARKS][0] || "";
    const closed = state.closed.has(n);
    const name = make("span", { class: "row-name" },
      row[KIND] === "line" ? row[LABEL] : make("b", {}, row[LABEL]),
      row[KIND] === "gap" ? null : make("span", { class: "muted" }, ` ${row[TARGET]}`));
    const cell = make("div", { class: "name-cell" },
      row[BELOW] ? fold(n, closed) : make("span", { class: "fold-row" }),
      row[KIND] === "gap" ? null : make("i", { class: `icon icon-logs ${level}` }),
      name);
    const told = row[KIND] === "gap" ? time(row[LENGTH]) : `+${time(row[START])}`.replace(/^\+(?=[\u2212<>])/, "");
    const element = make("div", {
      class: `span-row ${row[KIND]}-row ${level}${n === state.active ? " active" : ""}`,
      role: "treeitem",
      title: row[KIND] === "gap" ? `Nothing of this trace ran for ${time(row[LENGTH])}, from ${row[TARGET]}` : `${told} ${row[TARGET]}: ${row[LABEL]}`,
    },
      indent(cell, row),
      make("div", { class: "status-cell" }, WORDS[level] ? make("span", { class: `level ${level}`, title: WORDS[level] }, level) : ""),
      make("div", { class: "number-cell" }, told),
      make("div", { class: "number-cell" }, ""),
      bar(row, tools));
    return element;
  };

  watchdeck.fallBetween = { row };
})();
