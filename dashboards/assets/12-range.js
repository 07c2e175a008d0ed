/* Time ranges as people write them. The server reads the same words (dashboards/view.py); both are
   held to tests/cases/range.json. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const { zoned, offset, clock, two, value, MONTHS } = { ...watchdeck.format };
  const UNITS = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };
  const LONGEST = 500 * UNITS.d;
  const WORDS = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };
  const NAMED = {
    "now/d": "Today",
    "now/w": "This week",
    "now-1d/d..now/d": "Yesterday",
    "now-1w/w..now/w": "Last week",
  };

  const length = (text) => {
    const parts = [...text.matchAll(/(\d{1,5})([smhdw])/g)];
    if (!parts.length || parts.map((part) => part[0]).join("") !== text) return 0;
    return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit], 0);
  };

  /** The moment that a wall clock in a zone shows; where clocks jump, the first one. */
  const wall = (year, month, day, hour, minute, zone) => {
    const asUtc = Date.UTC(year, month - 1, day, hour, minute);
    let guess = asUtc - offset(asUtc, zone) * 6e4;
    guess = asUtc - offset(guess, zone) * 6e4;
    return guess;
  };

  const floored = (ms, unit, zone) => {
    const t = zoned(ms, zone);
    if (unit === "m") return Math.floor(ms / 6e4) * 6e4;
    if (unit === "h") return wall(t.year, t.month, t.day, t.hour, 0, zone);
    if (unit === "d") return wall(t.year, t.month, t.day, 0, 0, zone);
    const weekday = (new Date(Date.UTC(t.year, t.month - 1, t.day)).getUTCDay() + 6) % 7;
    const monday = new Date(Date.UTC(t.year, t.month - 1, t.day - weekday));
    return wall(monday.getUTCFullYear(), monday.getUTCMonth() + 1, monday.getUTCDate(), 0, 0, zone);
  };

  const moment = (text, now, zone) => {
    const found = /^now((?:[+-]\d{1,5}[smhdw])*)(?:\/([mhdw]))?$/.exec(text);
    if (found) {
      let at = now;
      for (const [, sign, number, unit] of found[1].matchAll(/([+-])(\d+)([smhdw])/g)) {
        at += (sign === "+" ? 1 : -1) * Number(number) * UNITS[unit];
      }
      return found[2] ? floored(at, found[2], zone) : at;
    }
    const iso = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
    if (!iso) return NaN;
    const [, year, month, day, hour = "00", minute = "00", second = "00", zoneText] = iso;
    if (zoneText) {
      return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zoneText}`);
    }
    const parts = [year, month, day, hour, minute].map(Number);
    return wall(...parts, zone) + Number(second) * 1e3;
  };

  /** Start and end in epoch milliseconds, or null when the text means nothing. */
  const parse = (text, now, zone) => {
    const [first, second] = text.trim().split("..");
    const long = second === undefined ? length(first) : 0;
    const start = long ? now - long : moment(first, now, zone);
    const end = long ? now : moment(second || "now", now, zone);
    return end - start > 0 && end - start <= LONGEST ? { start, end } : null;
  };

  const isRelative = (text) => /now|^\s*(\d+[smhdw])+\s*$/.test(text);

  const iso = (ms) => {
    const whole = new Date(Math.round(ms / 1000) * 1000).toISOString();
    return whole.slice(17, 19) === "00" ? `${whole.slice(0, 16)}Z` : `${whole.slice(0, 19)}Z`;
  };
  const absolute = (start, end) => `${iso(start)}..${iso(end)}`;

  const clockRange = (text, now, zone) => {
    const found = /^(\d{1,2}):(\d\d)\s*(?:-|–|to|\.\.)\s*(\d{1,2}):(\d\d)$/.exec(text);
    if (!found) return null;
    const t = zoned(now, zone);
    const [h1, m1, h2, m2] = found.slice(1).map(Number);
    if (h1 > 23 || h2 > 24 || m1 > 59 || m2 > 59) return null;
    let start = wall(t.year, t.month, t.day, h1, m1, zone);
    let end = wall(t.year, t.month, t.day, h2, m2, zone);
    if (end <= start) start -= UNITS.d;
    if (start > now) [start, end] = [start - UNITS.d, end - UNITS.d];
    return absolute(start, end);
  };

  const words = { today: "now/d", yesterday: "now-1d/d..now/d", "this week": "now/w" };

  /** What a person typed, in the form the URL keeps; null when it means nothing. */
  const typed = (text, now, zone) => {
    const clean = text.trim().toLowerCase().replace(/^last\s+/, "").replace(/\s+/g, " ");
    if (words[clean]) return words[clean];
    const clocks = clockRange(clean, now, zone);
    if (clocks) return clocks;
    const spaced = clean
      .replace(/(\d)\s*(minutes?|mins?)\b/g, "$1m")
      .replace(/(\d)\s*(hours?|hrs?)\b/g, "$1h")
      .replace(/(\d)\s*(days?)\b/g, "$1d")
      .replace(/(\d)\s*(weeks?)\b/g, "$1w")
      .replace(/(\d\d\d\d-\d\d-\d\d)[t ](\d\d:\d\d)/g, "$1T$2")
      .replace(/(\d)z/g, "$1Z")
      .replace(/\s*(\.\.|\bto\b|\/(?=\d{4}-)|–)\s*/g, "..")
      .replace(/\s/g, "");
    const parsed = parse(spaced, now, zone);
    if (!parsed) return null;
    return isRelative(spaced) ? spaced : absolute(parsed.start, parsed.end);
  };

  const side = (t, today) => {
    const year = t.year === today.year ? "" : ` ${t.year}`;
    return `${t.day} ${MONTHS[t.month - 1]}${year} ${clock(t)}`;
  };

  /** "Last 1 hour"; "14 Nov 13:00 to 14:20 (1 h 20 min)". */
  const label = (text, now, zone) => {
    if (NAMED[text]) return NAMED[text];
    const single = /^(\d+)([smhdw])$/.exec(text);
    if (single) {
      const [, number, unit] = single;
      return `Last ${number} ${WORDS[unit]}${number === "1" ? "" : "s"}`;
    }
    if (length(text)) return `Last ${value(length(text), "milliseconds")}`;
    const found = parse(text, now, zone);
    if (!found) return text;
    const [from, to, today] = [found.start, found.end, now].map((ms) => zoned(ms, zone));
    const sameDay = from.day === to.day && from.month === to.month && from.year === to.year;
    const span = value(found.end - found.start, "milliseconds");
    return `${side(from, today)} to ${sameDay ? clock(to) : side(to, today)} (${span})`;
  };

  /** "UTC", "UTC+1", "UTC−3:30" at that moment. */
  const zoneLabel = (zone, now) => {
    const minutes = offset(now, zone);
    if (minutes === 0) return "UTC";
    const size = Math.abs(minutes);
    const rest = size % 60 ? `:${two(size % 60)}` : "";
    return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${rest}`;
  };

  /** The same length, moved by half of itself; stays fixed in time. */
  const moved = (text, direction, now, zone) => {
    const found = parse(text, now, zone);
    if (!found) return text;
    const by = (direction * (found.end - found.start)) / 2;
    if (found.end + by > now) return text;
    return absolute(found.start + by, found.end + by);
  };

  /** Twice as long around the same middle, not beyond now. */
  const wider = (text, now, zone) => {
    const found = parse(text, now, zone);
    if (!found) return text;
    const half = (found.end - found.start) / 2;
    const end = Math.min(now, found.end + half);
    return absolute(end - Math.min(4 * half, LONGEST), end);
  };

  watchdeck.range = { parse, typed, label, zoneLabel, moved, wider, absolute, isRelative, iso };
})();
