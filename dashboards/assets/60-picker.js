/* The range control: presets, typed ranges, a calendar, the zone, ranges looked at lately. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const PRESETS = ["15m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "15d", "now/d", "now-1d/d..now/d", "now/w"];
  const { make } = watchdeck;
  const view = () => watchdeck.view.get();
  const label = (text) => watchdeck.range.label(text, Date.now(), view().zone);

  const choose = (range) => {
    watchdeck.view.set({ range });
    closeAll();
  };
  const closeAll = () =>
    document.querySelectorAll("details.popover[open]").forEach((one) => (one.open = false));

  const option = (range) =>
    make(
      "button",
      {
        type: "button",
        role: "menuitemradio",
        "aria-checked": String(range === view().range),
        title: range,
        onclick: () => choose(range),
      },
      label(range),
    );

  const typedRange = () => {
    const hint = make("p", { class: "hint" }, "6h, now/d, 14:00-14:20, 2026-11-14 13:00 to 2026-11-14 14:20");
    const input = make("input", {
      type: "text",
      class: "input",
      id: "range-text",
      "aria-label": "Range",
      autocomplete: "off",
      spellcheck: "false",
      placeholder: "Type a range, then Enter",
    });
    input.value = view().range;
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const range = watchdeck.range.typed(input.value, Date.now(), view().zone);
      if (range) return choose(range);
      hint.textContent = `“${input.value}” is not a range. Write 6h, now/d or 14:00-14:20.`;
      hint.classList.add("wrong");
      input.setAttribute("aria-invalid", "true");
    });
    return make("div", { class: "typed" }, input, hint);
  };

  const localText = (ms) => {
    const t = watchdeck.format.zoned(ms, view().zone);
    return `${watchdeck.format.day(t)} ${watchdeck.format.clock(t)}`;
  };

  /** From and to as text, and a month to click: the first day, then the last. */
  const calendar = () => {
    const found = watchdeck.range.parse(view().range, Date.now(), view().zone);
    const { start, end } = found || { start: Date.now() - 36e5, end: Date.now() };
    const input = (name, ms) => {
      const made = make("input", { type: "text", class: "input", "aria-label": name, autocomplete: "off", spellcheck: "false" });
      made.value = localText(ms);
      return made;
    };
    const [from, to] = [input("From", start), input("To", end)];
    const apply = () => {
      const range = watchdeck.range.typed(`${from.value} to ${to.value}`, Date.now(), view().zone);
      if (range) choose(range);
      else to.setAttribute("aria-invalid", "true");
    };
    for (const one of [from, to]) {
      one.addEventListener("keydown", (event) => event.key === "Enter" && apply());
    }
    const days = make("div", { class: "month" });
    let first = null;
    const pick = (day) => {
      const [a, b] = first === null ? [day, day] : [first, day].sort();
      first = first === null ? day : null;
      from.value = `${a} 00:00`;
      to.value = b === today() ? localText(Date.now()) : `${dayAfter(b)} 00:00`;
      month(days, a, pick, [a, b]);
    };
    const shown = from.value.slice(0, 10);
    month(days, to.value.slice(0, 10), pick, [shown, to.value.slice(0, 10)]);
    return make(
      "div",
      { class: "calendar" },
      make("div", { class: "ends" }, make("label", {}, "From", from), make("label", {}, "To", to)),
      days,
      make("button", { type: "button", class: "button main", onclick: apply }, "Show"),
    );
  };

  const today = () => localText(Date.now()).slice(0, 10);
  const dayAfter = (day) => new Date(Date.parse(`${day}T00:00Z`) + 864e5).toISOString().slice(0, 10);

  /** One month as buttons; `around` is any of its days. */
  const month = (box, around, pick, [a, b]) => {
    const [year, number] = around.split("-").map(Number);
    const first = new Date(Date.UTC(year, number - 1, 1));
    const lead = (first.getUTCDay() + 6) % 7;
    const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
    const turn = (by) => () =>
      month(box, new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 10), pick, [a, b]);
    const arrow = (by, label, icon) =>
      make("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick: turn(by) },
        make("span", { class: `icon ${icon}` }));
    const cells = Array.from({ length: count }, (_, n) => {
      const day = `${year}-${watchdeck.format.two(number)}-${watchdeck.format.two(n + 1)}`;
      const inside = day >= a && day <= b;
      return make(
        "button",
        { type: "button", class: inside ? "inside" : "", disabled: day > today(), "aria-label": day, "aria-pressed": String(inside), onclick: () => pick(day) },
        String(n + 1),
      );
    });
    if (cells.length) cells[0].style.gridColumnStart = lead + 1;
    const weekdays = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((name) => make("span", {}, name));
    box.replaceChildren(
      make("div", { class: "month-head" }, arrow(-1, "Month before", "icon-left"),
        make("span", {}, `${watchdeck.format.MONTHS[number - 1]} ${year}`), arrow(1, "Month after", "icon-right")),
      make("div", { class: "days" }, ...weekdays, ...cells),
    );
  };

  const zones = () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const all = [...new Set([own, "UTC", view().zone])];
    const more = Intl.supportedValuesOf ? Intl.supportedValuesOf("timeZone") : [];
    const select = make("select", { class: "input", "aria-label": "Time zone" });
    const add = (zone) => select.append(make("option", { value: zone }, zone));
    all.forEach(add);
    select.append(make("option", { disabled: true }, "──────"));
    more.filter((zone) => !all.includes(zone)).forEach(add);
    select.value = view().zone;
    select.addEventListener("change", () => watchdeck.view.set({ zone: select.value }));
    return make("label", { class: "zones" }, "Time zone", select);
  };

  watchdeck.copyRange = () => {
    const { range, zone } = view();
    watchdeck.copy(range, `Copied range: ${watchdeck.range.label(range, Date.now(), zone)}`);
  };
  watchdeck.pasteRange = async () => {
    let text = "";
    try {
      text = await navigator.clipboard.readText();
    } catch {
      watchdeck.toast("The browser does not let this page read the clipboard");
      return;
    }
    const range = watchdeck.range.typed(text, Date.now(), view().zone);
    if (range) choose(range);
    else watchdeck.toast("The clipboard holds no range");
  };

  const fill = (box) => {
    const recent = watchdeck.memory.get("ranges", []).filter((range) => !PRESETS.includes(range));
    box.replaceChildren(
      make(
        "div",
        { class: "picker-side", role: "menu", "aria-label": "Presets" },
        ...PRESETS.map(option),
      ),
      make(
        "div",
        { class: "picker-main" },
        typedRange(),
        calendar(),
        zones(),
        recent.length ? make("div", { class: "menu-title" }, "Recent") : null,
        make("div", { class: "recent" }, ...recent.slice(0, 5).map(option)),
        make(
          "div",
          { class: "picker-foot" },
          make("button", { type: "button", class: "text-button", onclick: watchdeck.copyRange }, "Copy range"),
          make("button", { type: "button", class: "text-button", onclick: watchdeck.pasteRange }, "Paste range"),
          make("button", { type: "button", class: "text-button", onclick: () => { watchdeck.view.back(); closeAll(); } }, "Back, or zoom out"),
        ),
      ),
    );
  };

  document.addEventListener(
    "toggle",
    (event) => {
      const box = event.target.matches && event.target.matches("#range") && event.target.open
        ? event.target.querySelector(".picker")
        : null;
      if (!box) return;
      fill(box);
      box.querySelector("#range-text").select();
    },
    true,
  );

  const show = () => {
    const text = document.getElementById("range-label");
    if (!text) return;
    const { range, zone } = view();
    text.textContent = label(range);
    document.getElementById("range-zone").textContent = watchdeck.range.zoneLabel(zone, Date.now());
  };
  watchdeck.on("view", show);
  watchdeck.on("shell", show);
  watchdeck.closePopovers = closeAll;
})();
