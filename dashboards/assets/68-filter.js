/* The filter of traces: completion while typing, and steps that narrow it. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const TEXT = "traces:text";
  const MOST = 12;
  const WAIT = 300;
  let words = { keywords: [], values: {}, annotations: [] };
  let offers = [];
  let at = 0;
  let timer = 0;

  const byId = (id) => document.getElementById(id);
  const near = (event, what) => event.target.closest && event.target.closest(what);
  const box = () => byId("traces:offers");

  /** What stands before the caret: the word that is being typed, and whether it is a value of something. */
  const before = (text, caret) => {
    const left = text.slice(0, caret);
    const quoted = (left.match(/(?<!\\)"/g) || []).length % 2 === 1;
    if (quoted) {
      const start = left.lastIndexOf('"') + 1;
      const head = left.slice(0, start - 1);
      const called = /(service|edge)\s*\(\s*(?:"[^"]*"\s*,\s*)?$/i.exec(head);
      const key = /([\w.[\]]+)\s*(?:!=|=|CONTAINS|BEGINSWITH|ENDSWITH)\s*$/i.exec(head);
      return { start, typed: left.slice(start), of: called ? "service()" : key ? key[1].toLowerCase() : "" };
    }
    const compared = /([\w.[\]]+)\s*(?:!=|<=|>=|=|<|>|\b(?:CONTAINS|BEGINSWITH|ENDSWITH)\b)\s*([^\s"()]*)$/i.exec(left);
    if (compared) {
      return { start: caret - compared[2].length, typed: compared[2], of: compared[1].toLowerCase(), bare: true };
    }
    const start = /[\w.[]*$/.exec(left).index;
    return { start, typed: left.slice(start), of: null };
  };

  const found = (text, caret) => {
    const { start, typed, of, bare } = before(text, caret);
    const sought = typed.toLowerCase();
    const candidates = of === null
      ? [...words.keywords.filter((one) => !(one.text.endsWith(".key") && /^annotation\./i.test(typed))), ...words.annotations]
      : (words.values[of] || []).map((value) => (bare ? { text: `"${value}"`, says: "" } : { text: value, says: "", value: true }));
    const starts = candidates.filter((one) => one.text.toLowerCase().startsWith(sought));
    const inside = candidates.filter((one) => !starts.includes(one) && sought && one.text.toLowerCase().includes(sought));
    return { start, typed, offers: [...starts, ...inside].slice(0, MOST) };
  };

  const close = () => {
    offers = [];
    if (box()) box().hidden = true;
  };
  const show = () => {
    const input = byId(TEXT);
    const result = found(input.value, input.selectionStart);
    offers = result.offers.filter((one) => one.text !== result.typed);
    at = 0;
    if (!offers.length) return close();
    draw();
  };
  const draw = () => {
    box().replaceChildren(...offers.map((one, n) =>
      watchdeck.make("button", { type: "button", role: "option", "data-offer": n, "aria-selected": String(n === at), tabindex: -1 },
        watchdeck.make("code", {}, one.text), one.says ? watchdeck.make("span", { class: "muted" }, one.says) : null)));
    box().hidden = false;
  };
  const take = (n) => {
    const input = byId(TEXT);
    const one = offers[n];
    const { start } = found(input.value, input.selectionStart);
    const rest = input.value.slice(input.selectionStart);
    const called = one.text.endsWith("()");
    const word = called ? one.text.slice(0, -1) : one.text.replace(/\.key$/, ".");
    const closing = one.value ? (rest.startsWith('"') ? "" : '"') : called ? '"")' : one.after || "";
    const put = word + closing;
    const text = input.value.slice(0, start) + put + rest;
    rewrite(text);
    const caret = start + put.length - (called ? 2 : 0);
    requestAnimationFrame(() => {
      input.focus();
      input.setSelectionRange(caret, caret);
      close();
      if (called || word.endsWith(".")) show();
    });
  };

  const rewrite = (text) => {
    watchdeck.setProps(TEXT, { value: text });
    watchdeck.setProps("traces:draft", { data: text });
    const input = byId(TEXT);
    if (input) input.value = text;
  };
  const run = () => {
    const button = byId("traces:run");
    if (button) button.click();
  };

  document.addEventListener("input", (event) => {
    if (event.target.id !== TEXT) return;
    const marks = byId("traces:marked");
    if (marks) marks.hidden = marks.textContent !== event.target.value;
    show();
    clearTimeout(timer);
    timer = setTimeout(() => watchdeck.setProps("traces:draft", { data: event.target.value }), WAIT);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.id === TEXT) setTimeout(close, 150);
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== TEXT) return;
    const open = offers.length > 0 && !box().hidden;
    if (event.key === " " && event.ctrlKey) show();
    else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      at = (at + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length;
      draw();
    } else if (open && (event.key === "Tab" || event.key === "Enter") && !event.ctrlKey) take(at);
    else if (open && event.key === "Escape") {
      close();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.ctrlKey) run();
    else return;
    event.preventDefault();
  }, true);

  /** A further condition; what joins by OR is kept together. */
  const narrowed = (text, condition) => {
    const trimmed = text.trim();
    if (!trimmed) return condition;
    if (trimmed.includes(condition)) return text;
    return /\bOR\b/i.test(trimmed) ? `(${trimmed}) AND ${condition}` : `${trimmed} AND ${condition}`;
  };
  document.addEventListener("mousedown", (event) => {
    const offer = near(event, "[data-offer]");
    if (!offer) return;
    event.preventDefault();
    take(Number(offer.dataset.offer));
  });
  document.addEventListener("click", (event) => {
    const step = near(event, "[data-keep], [data-filter-text]");
    if (!step || !byId(TEXT)) return;
    rewrite(step.dataset.filterText ?? narrowed(byId(TEXT).value, step.dataset.keep));
    requestAnimationFrame(run);
  });

  const clientside = (window.dash_clientside = window.dash_clientside || {});
  clientside.watchdeck = {
    ...clientside.watchdeck,
    words: (data) => {
      if (data) words = data;
      return data ? data.keywords.length : 0;
    },
  };
  watchdeck.filter = { before, narrowed };
})();
