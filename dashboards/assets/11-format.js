/* How numbers, units and times are written. The twin of app/model/written.py; both are held to
   tests/cases/format.json, so a number reads the same wherever it stands. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const NBSP = "\u00a0";
  const DASH = "–";
  const MINUS = "−";
  const THOUSANDS = ["", "k", "M", "G", "T"];
  const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const LENGTHS = [
    [86400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
  ];

  const rounded = (number, places) => Math.floor(number * 10 ** places + 0.5) / 10 ** places;
  const stripped = (text) => text.replace(/0+$/, "").replace(/\.$/, "");
  const withCommas = (text) => {
    const [whole, part] = text.split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return part === undefined ? grouped : `${grouped}.${part}`;
  };
  const grouped = (number, places) => {
    const text = withCommas(rounded(number, places).toFixed(places));
    return places ? stripped(text) : text;
  };
  const floored = (number, places) =>
    stripped((Math.floor(number * 10 ** places + 1e-6) / 10 ** places).toFixed(places));

  const scaled = (number, units, base) => {
    let step = 0;
    while (step < units.length - 1 && rounded(number, number >= 100 ? 0 : 1) >= base) {
      number /= base;
      step += 1;
    }
    const places = step && rounded(number, 1) < 100 ? 1 : 0;
    return [grouped(number, places), NBSP + units[step]];
  };
  const count = (number) => {
    if (number > 0 && number < 0.01) return ["<0.01", ""];
    if (rounded(number, 0) < 1000) {
      return [grouped(number, number < 10 ? 2 : rounded(number, 1) < 100 ? 1 : 0), ""];
    }
    return scaled(number, THOUSANDS, 1000);
  };
  const bytes = (number) => scaled(number, BYTES, 1024);
  const perSecond = (number) => {
    for (const [times, unit] of [[1, "/s"], [60, "/min"]]) {
      if (number === 0 || rounded(number * times, 2) >= 1) {
        const [digits, prefix] = count(number * times);
        return [digits, prefix + unit];
      }
    }
    const [digits, prefix] = count(number * 3600);
    return [digits, `${prefix}/h`];
  };
  const percent = (number) => {
    if (number > 0 && number < 0.01) return ["<0.01", `${NBSP}%`];
    if (number > 99 && number < 100) return [floored(number, 2), `${NBSP}%`];
    const places = rounded(number, 2) < 1 ? 2 : rounded(number, 1) < 10 ? 1 : 0;
    return [grouped(number, places), `${NBSP}%`];
  };
  const availability = (number) => {
    if (number < 99) return [grouped(number, 1), `${NBSP}%`];
    if (number >= 100) return percent(number);
    const places = Math.max(1, 1 - Math.floor(Math.log10(100 - number) + 1e-9));
    return [floored(number, Math.min(places, 5)), `${NBSP}%`];
  };
  const clockwork = (whole) => {
    for (const [long, unit, short, part] of LENGTHS) {
      if (whole >= long) {
        const rest = Math.floor((whole % long) / short);
        const head = Math.floor(whole / long);
        return rest
          ? [`${head}${NBSP}${unit} ${rest}${NBSP}${part}`, ""]
          : [`${head}`, NBSP + unit];
      }
    }
    return [`${whole}`, `${NBSP}s`];
  };
  const milliseconds = (number) => {
    if (number > 0 && number < 1) return ["<1", `${NBSP}ms`];
    if (rounded(number, 0) < 1000) return [grouped(number, number < 10 ? 1 : 0), `${NBSP}ms`];
    if (rounded(number / 1000, 1) < 60) {
      return [grouped(number / 1000, number < 10000 ? 2 : 1), `${NBSP}s`];
    }
    return clockwork(rounded(number / 1000, 0));
  };
  const usd = (number) => {
    if (number === 0) return ["$0", ""];
    if (number < 0.01) return ["<$0.01", ""];
    if (rounded(number, 2) < 1000) return [`$${rounded(number, 2).toFixed(2)}`, ""];
    if (rounded(number, 0) < 1e6) return [`$${grouped(number, 0)}`, ""];
    const [digits, unit] = scaled(number, THOUSANDS, 1000);
    return [`$${digits}`, unit];
  };
  const usdFine = (number) => {
    if (number === 0 || number >= 1) return usd(number);
    const places = 2 - Math.floor(Math.log10(number) + 1e-9);
    if (places > 9) return ["<$0.00000001", ""];
    return [`$${rounded(number, places).toFixed(places).replace(/0+$/, "").padEnd(4, "0")}`, ""];
  };
  const forms = {
    count,
    none: count,
    percent,
    availability,
    milliseconds,
    seconds: (number) => milliseconds(number * 1000),
    bytes,
    bytes_per_second: (number) => {
      const [digits, unit] = bytes(number);
      return [digits, `${unit}/s`];
    },
    per_second: perSecond,
    usd,
    usd_fine: usdFine,
  };

  const missing = (number) =>
    number === null || number === undefined || !Number.isFinite(Number(number));

  const value = (number, unit) => {
    if (missing(number)) return DASH;
    const [digits, tail] = (forms[unit] || count)(Math.abs(number));
    if (number >= 0 || /^[$0.]*$/.test(digits)) return digits + tail;
    return (digits[0] === "<" ? `>${MINUS}${digits.slice(1)}` : MINUS + digits) + tail;
  };

  const change = (next, before) => {
    if (before === 0) return next === 0 ? `±0${NBSP}%` : "new";
    const ratio = next / before;
    if (ratio >= 3) return `×${grouped(ratio, ratio < 100 ? 1 : 0)}`;
    const moved = rounded(Math.abs(ratio - 1) * 100, 0);
    const sign = moved === 0 ? "±" : ratio > 1 ? "+" : MINUS;
    return `${sign}${grouped(moved, 0)}${NBSP}%`;
  };

  const quota = (used, limit) => {
    const share = limit ? ` (${value((used / limit) * 100, "percent")})` : "";
    return `${grouped(used, 0)} of ${grouped(limit, 0)}${share}`;
  };

  const ago = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    for (const [length, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
      if (whole >= length) return `${Math.floor(whole / length)}${NBSP}${unit}`;
    }
    return `${whole}${NBSP}s`;
  };

  const makers = {};
  /** Year, month (1-12), day, hour, minute, second of a moment in a zone. */
  const zoned = (ms, zone) => {
    makers[zone] =
      makers[zone] ||
      new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    const found = {};
    for (const part of makers[zone].formatToParts(ms)) found[part.type] = Number(part.value);
    return found;
  };
  const two = (number) => String(number).padStart(2, "0");
  const day = (t) => `${t.year}-${two(t.month)}-${two(t.day)}`;
  const clock = (t) => `${two(t.hour)}:${two(t.minute)}`;

  const at = (ms, zone, now) => {
    const [local, today] = [zoned(ms, zone), zoned(now, zone)];
    if (day(local) === day(today)) return clock(local);
    if (local.year === today.year) {
      return `${local.day} ${MONTHS[local.month - 1]} ${clock(local)}`;
    }
    return day(local);
  };

  /** To the millisecond; to the minute where there is nothing below, unless `whole`. */
  const instant = (ms, zone, now, whole) => {
    if (!whole && ms % 6e4 === 0) return at(ms, zone, now);
    const t = zoned(ms, zone);
    const today = day(t) === day(zoned(now, zone));
    const part = String(((ms % 1000) + 1000) % 1000).padStart(3, "0");
    return `${today ? "" : `${t.day} ${MONTHS[t.month - 1]} `}${clock(t)}:${two(t.second)}.${part}`;
  };

  /** Minutes that the zone is ahead of UTC at that moment. */
  const offset = (ms, zone) => {
    const t = zoned(ms, zone);
    const whole = Math.floor(ms / 1000) * 1000;
    const asUtc = Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second);
    return Math.round((asUtc - whole) / 60000);
  };
  const signed = (minutes) => {
    const size = Math.abs(minutes);
    const sign = minutes < 0 ? MINUS : "+";
    return `${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  };
  const exact = (ms, zone) => {
    const [t, utc] = [zoned(ms, zone), zoned(ms, "UTC")];
    const local = `${day(t)} ${clock(t)}:${two(t.second)}${signed(offset(ms, zone)).replace(MINUS, "-")}`;
    return `${local} (${clock(utc)}:${two(utc.second)} UTC)`;
  };

  watchdeck.format = {
    value, change, quota, ago, at, instant, exact, zoned, offset, clock, day, two, MONTHS, DASH, NBSP, MINUS,
  };
})();
