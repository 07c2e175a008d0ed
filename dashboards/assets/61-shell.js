/* The shell's behaviour: menus, filter, theme, refresh, freshness, side panel, panel menus. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const { make } = watchdeck;
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // One menu at a time; a click elsewhere or Escape closes it and gives the focus back.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.popover[open]").forEach((one) => {
      const inside = one.contains(event.target);
      const chosen = inside && event.target.closest(".menu button:not([data-filter], [data-group]), .menu a");
      if (!inside || chosen) one.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.popover[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
      return;
    }
    if (root.dataset.drawer) closeDrawer();
    else if (sideOpen()) closeSide();
  });

  // Theme: system, light, dark.
  const THEMES = ["system", "light", "dark"];
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const applyTheme = () => {
    const choice = root.dataset.themeChoice || "system";
    root.dataset.theme = choice === "system" ? (system.matches ? "dark" : "light") : choice;
    const button = byId("theme");
    if (button) button.title = `Theme: ${choice}`;
    watchdeck.tell("theme", root.dataset.theme);
  };
  watchdeck.switchTheme = () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.themeChoice) + 1) % THEMES.length];
    root.dataset.themeChoice = next;
    try {
      localStorage.setItem("watchdeck.theme", next);
    } catch {
      // The choice lasts as long as the page.
    }
    applyTheme();
    watchdeck.toast(`Theme: ${next}`);
  };
  system.addEventListener("change", applyTheme);

  // Account and Region filter.
  const showFilter = () => {
    const view = watchdeck.view.get();
    for (const button of document.querySelectorAll("[data-filter]")) {
      const { filter, value } = button.dataset;
      button.setAttribute("aria-checked", String(view[filter].includes(value)));
    }
    const scope = byId("scope-label");
    if (scope) scope.textContent = scopeText(view);
  };
  const scopeText = (view) => {
    const names = (filter) =>
      view[filter].map((value) => {
        const button = document.querySelector(`[data-filter="${filter}"][data-value="${CSS.escape(value)}"]`);
        return button ? button.dataset.name : value;
      });
    const part = (filter, all) => {
      const chosen = names(filter);
      if (!chosen.length) return all;
      return chosen.length > 1 ? `${chosen[0]} +${chosen.length - 1}` : chosen[0];
    };
    const scope = byId("scope");
    const { allAccounts, allRegions } = scope ? scope.dataset : {};
    return `${part("accounts", allAccounts || "all accounts")} · ${part("regions", allRegions || "all Regions")}`;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-filter]");
    if (!button) return;
    const { filter, value } = button.dataset;
    const chosen = watchdeck.view.get()[filter];
    if (value === "") watchdeck.view.set({ [filter]: [] });
    else if (chosen.includes(value)) {
      watchdeck.view.set({ [filter]: chosen.filter((one) => one !== value) });
    } else watchdeck.view.set({ [filter]: [...chosen, value] });
  });

  // Refresh: counts the store `tick` up; waits in a hidden tab and while an answer is on its way.
  let last = Date.now();
  let ticks = 0;
  const busy = () => Boolean(document.querySelector("[data-dash-is-loading='true']"));
  const refresh = () => {
    last = Date.now();
    ticks += 1;
    watchdeck.setProps("tick", { data: ticks });
  };
  watchdeck.refresh = refresh;
  const due = () => {
    const { refresh: every, range } = watchdeck.view.get();
    const moving = watchdeck.range.isRelative(range);
    return every > 0 && moving && Date.now() - last >= every * 1000;
  };
  setInterval(() => {
    if (!document.hidden && due() && !busy()) refresh();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && due()) refresh();
  });
  const showRefresh = () => {
    const { refresh: every } = watchdeck.view.get();
    const text = byId("refresh-label");
    if (text) text.textContent = every ? watchdeck.format.value(every, "seconds") : "off";
    for (const button of document.querySelectorAll("[data-refresh]")) {
      button.setAttribute("aria-checked", String(Number(button.dataset.refresh) === every));
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-refresh]");
    if (!button) return;
    if (button.dataset.refresh === "now") refresh();
    else watchdeck.view.set({ refresh: Number(button.dataset.refresh) }, { push: false });
  });

  // Freshness counts up by itself.
  setInterval(() => {
    const now = Date.now();
    for (const age of document.querySelectorAll(".age[data-at]")) {
      const seconds = (now - Number(age.dataset.at)) / 1000;
      const text = `${watchdeck.format.ago(seconds)} old`;
      if (age.textContent !== text) age.textContent = text;
      const promise = Number(age.dataset.promise);
      age.classList.toggle("late", promise > 0 && seconds > 2 * promise);
    }
  }, 1000);

  // Navigation: folded on a wide screen, a drawer on a narrow one.
  const closeDrawer = () => delete root.dataset.drawer;
  document.addEventListener("click", (event) => {
    const target = event.target.closest ? event.target : document.body;
    if (target.closest("#burger")) {
      if (root.dataset.drawer) closeDrawer();
      else root.dataset.drawer = "open";
    } else if (target.closest("#fold")) {
      if (root.dataset.folded) delete root.dataset.folded;
      else root.dataset.folded = "yes";
      try {
        localStorage.setItem("watchdeck.folded", root.dataset.folded || "no");
      } catch {
        // The choice lasts as long as the page.
      }
      window.dispatchEvent(new Event("resize"));
    } else if (root.dataset.drawer && !target.closest("#nav")) closeDrawer();
    if (target.closest("#theme")) watchdeck.switchTheme();
    if (target.closest("#help-button")) watchdeck.help();
    if (target.closest("[data-close-side]")) closeSide();
  });
  const showPlace = () => {
    for (const link of document.querySelectorAll("#nav a[href]")) {
      const path = new URL(link.href, location.href).pathname;
      const here = path === location.pathname;
      const within = path !== "/" && location.pathname.startsWith(`${path}/`);
      if (here) link.setAttribute("aria-current", "page");
      else if (within) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  // Side panel: open while it holds something; traps the focus and gives it back.
  let opener = null;
  const side = () => byId("side-frame");
  const sideOpen = () => side() && side().classList.contains("open");
  const closeSide = () => {
    watchdeck.setProps("side", { children: null });
    watchdeck.tell("side-closed");
  };
  watchdeck.closeSide = closeSide;
  const followSide = () => {
    const frame = side();
    const body = byId("side");
    if (!frame || !body) return;
    const full = body.childNodes.length > 0;
    if (full === frame.classList.contains("open")) return;
    frame.classList.toggle("open", full);
    frame.toggleAttribute("inert", !full);
    if (full) {
      opener = document.activeElement;
      frame.querySelector("button").focus();
    } else if (opener && opener.isConnected) opener.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !sideOpen()) return;
    const stops = [...side().querySelectorAll("a[href], button, input, select, summary")];
    const [first, lastStop] = [stops[0], stops[stops.length - 1]];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      lastStop.focus();
    } else if (!event.shiftKey && document.activeElement === lastStop) {
      event.preventDefault();
      first.focus();
    }
  });

  // Copy buttons and panel menus, wherever they stand.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-copy]");
    if (button) watchdeck.copy(button.dataset.copy);
    const action = event.target.closest && event.target.closest("[data-do]");
    if (action) act(action.dataset.do, action.closest(".panel") || action.closest(".chart"));
  });
  const titleOf = (panel) => ((panel.querySelector("h2") || {}).textContent || "chart").trim();
  const fileName = (panel, ending) =>
    `${titleOf(panel).toLowerCase().replace(/[^a-z0-9]+/g, "-")}.${ending}`;
  const act = (name, panel) => {
    const chart = panel && panel.querySelector(".js-plotly-plot");
    const grid = panel && panel.querySelector(".grid");
    if (name === "link") watchdeck.copy(location.href, "Link copied");
    else if (name === "png" && chart) savePicture(panel, chart);
    else if (name === "csv" && chart) {
      const lines = [columns(chart), ...tableRows(chart)].map((row) => row.map(quoted).join(","));
      const head = `# ${titleOf(panel)}, ${watchdeck.view.get().range}, ${location.href}`;
      watchdeck.download(fileName(panel, "csv"), "text/csv", [head, ...lines, ""].join("\n"));
    } else if (name === "csv" && grid) {
      window.dash_ag_grid.getApi(idOf(grid)).exportDataAsCsv({ fileName: fileName(panel, "csv") });
    } else if (name === "table" && chart) showTable(panel, chart);
  };
  const idOf = (element) => {
    try {
      return JSON.parse(element.id);
    } catch {
      return element.id;
    }
  };
  const quoted = (cell) => (/[",\n]/.test(cell) ? `"${String(cell).replace(/"/g, '""')}"` : cell);
  const columns = (chart) => ["time", ...chart.watchdeck.lines.map((one) => `${one.name} (${one.unit})`)];
  const tableRows = (chart) => {
    const times = new Set();
    for (const one of chart.watchdeck.lines) {
      one.values.forEach((value, n) => Number.isFinite(value) && times.add(watchdeck.charts.momentOf(one, n)));
    }
    return [...times].sort((a, b) => a - b).map((ms) => [
      new Date(ms).toISOString(),
      ...chart.watchdeck.lines.map((one) => {
        const value = watchdeck.charts.valueAt(one, ms);
        return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : "";
      }),
    ]);
  };
  const savePicture = async (panel, chart) => {
    const { data, layout } = chart;
    const sheet = { ...layout, paper_bgcolor: watchdeck.colour("--surface"), title: { text: titleOf(panel), font: { size: 13, color: watchdeck.colour("--text") } }, margin: { ...layout.margin, t: 36 } };
    const size = { width: chart.clientWidth, height: chart.clientHeight + 28, scale: 2 };
    const url = await window.Plotly.toImage({ data, layout: sheet }, { format: "png", ...size });
    make("a", { href: url, download: fileName(panel, "png") }).click();
  };
  const showTable = (panel, chart) => {
    const { at, value } = watchdeck.format;
    const zone = watchdeck.view.get().zone;
    const { lines } = chart.watchdeck;
    const rows = tableRows(chart).reverse().slice(0, 1000);
    const moment = (one, ms) => (one.calendar ? watchdeck.calendar.label(one.calendar, ms) : at(ms, zone, Date.now()));
    const cell = (one, text) => make("td", {}, text === "" ? watchdeck.format.DASH : value(Number(text), one.unit));
    const table = make(
      "table",
      {},
      make("thead", {}, make("tr", {}, make("th", {}, "Time"), ...lines.map((one) => make("th", {}, one.name)))),
      make(
        "tbody",
        {},
        ...rows.map(([when, ...cells]) =>
          make("tr", {}, make("td", {}, moment(lines[0], Date.parse(when))), ...cells.map((text, n) => cell(lines[n], text))),
        ),
      ),
    );
    watchdeck.dialog(titleOf(panel), make("div", { class: "table-view" }, table));
  };

  /** A dialog over the page; Escape or the button closes it. */
  watchdeck.dialog = (title, body) => {
    const dialog = make("dialog", { class: "dialog", "aria-label": title });
    const close = make("button", { type: "button", class: "icon-button", title: "Close", onclick: () => dialog.close() }, make("span", { class: "icon icon-close" }));
    dialog.append(make("header", {}, make("h2", {}, title), close), body);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  };

  // A panel whose answer takes long shows a thin line; see .panel.waiting in the style sheet.
  const followLoading = () => {
    for (const panel of document.querySelectorAll(".panel")) {
      const waiting = Boolean(panel.querySelector("[data-dash-is-loading='true']"));
      if (panel.classList.contains("waiting") !== waiting) panel.classList.toggle("waiting", waiting);
    }
  };

  // State changes are said to a screen reader.
  let spoken = "";
  const followOpen = () => {
    const count = byId("open-count");
    const text = count ? count.textContent : "";
    if (text !== spoken && spoken !== "") watchdeck.say(text);
    spoken = text;
  };

  const followTitle = () => {
    const heading = byId("title");
    const text = heading && heading.textContent ? `${heading.textContent} · Watchdeck` : "Watchdeck";
    if (document.title !== text) document.title = text;
  };

  let scheduled = false;
  const follow = () => {
    scheduled = false;
    followSide();
    followLoading();
    followOpen();
    followTitle();
    showPlace();
  };
  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(follow);
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-dash-is-loading"] });

  // The shell's own parts are there once React has drawn them.
  const ready = setInterval(() => {
    if (!byId("range-label")) return;
    clearInterval(ready);
    document.querySelectorAll(".picture").forEach((picture) => picture.remove());
    applyTheme();
    watchdeck.tell("shell");
  }, 20);
  for (const name of ["view", "shell"]) {
    watchdeck.on(name, showFilter);
    watchdeck.on(name, showRefresh);
    watchdeck.on(name, showPlace);
  }
  watchdeck.on("page", () => {
    document.querySelectorAll("details.popover[open]").forEach((one) => (one.open = false));
    closeDrawer();
    closeSide();
    showPlace();
  });
})();
