/* Runs before the first paint, from the head: the stored theme, so that nothing flashes. */
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = "system";
  try {
    chosen = localStorage.getItem("watchdeck.theme") || "system";
    if (localStorage.getItem("watchdeck.folded") === "yes") root.dataset.folded = "yes";
  } catch {
    // Storage may be forbidden; the system's theme serves.
  }
  root.dataset.theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  root.dataset.themeChoice = chosen;
})();
