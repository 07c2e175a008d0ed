/* The search box. The input is ours and not Dash's, so typing never waits for the server. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const PAUSE_MS = 180;
  const PLACEHOLDER = "Search resources and pages";
  let timer = 0;

  const input = watchdeck.make("input", {
    id: "search",
    type: "text",
    placeholder: PLACEHOLDER,
    "aria-label": PLACEHOLDER,
    autocomplete: "off",
    spellcheck: "false",
  });
  const ask = () => watchdeck.setProps("search-text", { data: input.value });
  const clear = () => {
    input.value = "";
    clearTimeout(timer);
    ask();
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });

  // Arrows move through the results, Enter opens, Escape empties.
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest && event.target.closest("#search-box");
    if (!box) return;
    const links = [...box.querySelectorAll("#search-results a")];
    const here = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && links.length) {
      links[Math.min(links.length - 1, here + 1)].focus();
    } else if (event.key === "ArrowUp" && here >= 0) {
      (here === 0 ? input : links[here - 1]).focus();
    } else if (event.key === "Enter" && event.target === input && links.length) {
      watchdeck.view.go(links[0].href);
      clear();
      input.blur();
    } else if (event.key === "Escape") {
      clear();
      input.blur();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#search-results a")) setTimeout(clear, 0);
  });

  watchdeck.on("shell", () => {
    const field = document.querySelector("#search-box .search-field");
    if (field) field.replaceWith(input);
  });
})();
