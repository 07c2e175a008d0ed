/* The page of logs: the box of groups, marks under the query, and buttons that narrow it. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const WAIT = 300;
  const byId = (id) => document.getElementById(id);
  const near = (event, what) => event.target.closest && event.target.closest(what);
  const names = () => {
    const box = byId("logs:groups");
    return box ? box.value.split(",").map((name) => name.trim()).filter(Boolean) : [];
  };

  // The marks belong to the text of a moment ago: they hide until those of this one are there.
  let timer = 0;
  const told = () => {
    const text = byId("logs:text");
    if (text) watchdeck.setProps("logs:draft", { data: text.value });
  };
  const follow = () => {
    const [text, marks] = [byId("logs:text"), byId("logs:marked")];
    if (!text || !marks) return;
    marks.hidden = marks.textContent !== text.value;
    marks.scrollTop = text.scrollTop;
  };
  document.addEventListener("input", (event) => {
    if (event.target.id === "logs:text") {
      follow();
      clearTimeout(timer);
      timer = setTimeout(told, WAIT);
    }
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.id === "logs:text") follow();
  }, true);
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });

  const run = () => {
    const button = byId("logs:run");
    if (button) button.click();
  };
  const rewrite = (text) => {
    watchdeck.setProps("logs:text", { value: text });
    watchdeck.setProps("logs:draft", { data: text });
  };

  /** A condition goes before everything else, where it spares the most; SOURCE stays in front. */
  const narrowed = (text, condition) => {
    const first = `filter ${condition}`;
    const lines = text.split("\n").map((line) => line.replace(/^\s*\|\s*/, "").trim());
    if (lines.includes(first)) return text;
    const source = /^\s*source\b[^|]*/i.exec(text);
    if (!source) return text.trim() ? `${first}\n| ${text.trim()}` : first;
    const rest = text.slice(source[0].length).replace(/^\|\s*/, "").trim();
    return `${source[0].trim()}\n| ${first}${rest ? `\n| ${rest}` : ""}`;
  };

  const showChosen = () => {
    const chosen = names();
    for (const button of document.querySelectorAll("[data-group]")) {
      button.setAttribute("aria-checked", String(chosen.includes(button.dataset.group)));
    }
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.id !== "logs:choice" || !event.target.open) return;
    showChosen();
    const search = event.target.querySelector("input");
    if (search) search.focus();
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.id !== "logs:sought") return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const button of document.querySelectorAll("[data-group]")) {
      const name = button.dataset.group.toLowerCase();
      button.hidden = !words.every((word) => name.includes(word));
    }
  });

  document.addEventListener("click", (event) => {
    const field = near(event, "[data-field]");
    if (field) watchdeck.setProps("logs:field", { data: { name: field.dataset.field, at: Date.now() } });

    const group = near(event, "[data-group]");
    if (group) {
      const name = group.dataset.group;
      const chosen = names();
      const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
      watchdeck.setProps("logs:groups", { value: next.join(", ") });
      requestAnimationFrame(showChosen);
    }

    const step = near(event, "[data-narrow], [data-query]");
    const text = byId("logs:text");
    if (step && text) {
      const { narrow, query, everywhere } = step.dataset;
      rewrite(query || narrowed(text.value, narrow));
      if (everywhere && names().length) watchdeck.setProps("logs:groups", { value: "" });
      watchdeck.closeSide();
      requestAnimationFrame(run);
    }
  });

  watchdeck.narrowed = narrowed;
})();
