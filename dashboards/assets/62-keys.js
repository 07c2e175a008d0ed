/* Keys: `?` shows them, `g` then a letter goes to a page, `/` searches, `t` then a key is for time. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const { make } = watchdeck;
  const WAIT = 1200;
  let first = null;
  let timer = 0;

  const move = (direction) => {
    const { range, zone } = watchdeck.view.get();
    watchdeck.view.set({ range: watchdeck.range.moved(range, direction, Date.now(), zone) });
  };
  const goTo = (letter) => {
    const link = document.querySelector(`#nav a[data-key="${CSS.escape(letter)}"]`);
    if (link) watchdeck.view.go(link.href);
  };
  const rows = (direction) => {
    const cells = [...document.querySelectorAll("main .grid .ag-center-cols-container .ag-row a, main .attention-row a")];
    const here = cells.indexOf(document.activeElement);
    const next = cells[Math.min(cells.length - 1, Math.max(0, here + direction))];
    if (next) next.focus();
  };

  const TIME = {
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
    c: () => watchdeck.copyRange(),
    v: () => watchdeck.pasteRange(),
    z: () => watchdeck.view.back(),
  };
  const SINGLE = {
    "?": () => watchdeck.help(),
    "/": () => {
      const input = document.getElementById("search");
      if (input) input.focus();
    },
    z: () => watchdeck.view.back(),
    r: () => watchdeck.refresh(),
    j: () => rows(1),
    k: () => rows(-1),
  };
  const HELP = [
    ["?", "These keys"],
    ["/", "Search resources and pages"],
    ["g then a letter", null],
    ["t ←  t →", "Range earlier, later"],
    ["t c  t v", "Copy, paste the range"],
    ["z", "Back to the range before, or zoom out"],
    ["r", "Refresh now"],
    ["Ctrl Enter", "Run the query of the page"],
    ["j  k", "Next, previous row"],
    ["Esc", "Close what is open"],
    ["drag on a chart", "Show that stretch"],
    ["double-click on a chart", "Back to the range before"],
    ["click a legend entry", "Hide or show the line; with Alt, only it"],
  ];

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    if (!event.target.closest || !event.target.closest(".query-form")) return;
    event.preventDefault();
    /* The text travels with the event before this one; the click follows it. */
    document.querySelector(".query-form .button").click();
  });

  watchdeck.help = () => {
    const pages = [...document.querySelectorAll("#nav a[data-key]")].map(
      (link) => [`g ${link.dataset.key}`, `Go to ${link.dataset.name}`],
    );
    const lines = HELP.flatMap((line) => (line[1] === null ? pages : [line]));
    const list = make("dl", { class: "keys" });
    for (const [keys, text] of lines) {
      list.append(make("dt", {}, make("kbd", {}, keys)), make("dd", {}, text));
    }
    watchdeck.dialog("Keys", list);
  };

  const typing = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "k") {
        event.preventDefault();
        SINGLE["/"]();
      }
      return;
    }
    if (event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const before = first;
    first = null;
    clearTimeout(timer);
    if (before === "g") goTo(event.key);
    else if (before === "t" && TIME[event.key]) TIME[event.key]();
    else if (event.key === "g" || event.key === "t") {
      first = event.key;
      timer = setTimeout(() => (first = null), WAIT);
      return;
    } else if (SINGLE[event.key]) SINGLE[event.key]();
    else return;
    event.preventDefault();
  });
})();
