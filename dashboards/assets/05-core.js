/* The one namespace of the scripts, and the few things that all of them need. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});

  /** Remembers small choices; a browser that forbids storage just forgets them. */
  watchdeck.memory = {
    get(key, fallback) {
      try {
        const text = localStorage.getItem(`watchdeck.${key}`);
        return text === null ? fallback : JSON.parse(text);
      } catch {
        return fallback;
      }
    },
    set(key, value) {
      try {
        localStorage.setItem(`watchdeck.${key}`, JSON.stringify(value));
      } catch {
        // Nothing depends on it.
      }
    },
  };

  const listeners = {};
  /** Our own events (`view`, `theme`): names of few scripts that must not know each other. */
  watchdeck.on = (name, listener) => {
    (listeners[name] = listeners[name] || []).push(listener);
  };
  watchdeck.tell = (name, value) => {
    for (const listener of listeners[name] || []) listener(value);
  };

  /** An element in one line: make("button", {class: "x", onclick: f}, "text", child). */
  watchdeck.make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) {
        element.setAttribute(name, value);
      }
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  /** The colour that stands behind a role such as `--series-1`, in the theme of the moment. */
  let palette = null;
  watchdeck.colour = (role) => {
    palette = palette || getComputedStyle(document.documentElement);
    return palette.getPropertyValue(role).trim() || role;
  };
  watchdeck.on("theme", () => {
    palette = null;
  });

  /** Sets properties of Dash components from outside Dash. */
  watchdeck.setProps = (id, props) => {
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props(id, props);
    }
  };

  /** Says something to a screen reader without moving the focus. */
  watchdeck.say = (text) => {
    const region = document.getElementById("live");
    if (region) region.textContent = text;
  };

  /** Shows a short message for three seconds, and says it. */
  watchdeck.toast = (text) => {
    document.querySelectorAll(".toast").forEach((old) => old.remove());
    const toast = watchdeck.make("div", { class: "toast" }, text);
    document.body.append(toast);
    setTimeout(() => toast.remove(), 3000);
    watchdeck.say(text);
  };

  watchdeck.copy = async (text, message = "Copied") => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = watchdeck.make("textarea", { class: "off-screen" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    watchdeck.toast(message);
  };

  // A session that has ended shows as refused answers: the page then asks to sign in again.
  const ask = globalThis.fetch;
  if (ask && globalThis.location) {
    globalThis.fetch = async (...request) => {
      const answer = await ask.apply(globalThis, request);
      if (answer.status === 401) location.reload();
      return answer;
    };
  }

  watchdeck.download = (name, type, text) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    watchdeck.make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
})();
