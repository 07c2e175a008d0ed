/* Charts of money go by the hours, days and months of a bill, which are those of UTC in every zone: where
   their slots begin and end, how they are called, and which one lies under the pointer. */
(() => {
  "use strict";
  const watchdeck = (globalThis.watchdeck = globalThis.watchdeck || {});
  const DAY = 864e5;
  const HOUR = 36e5;
  const STEPS = [1, 2, 7, 14, 28];
  const HOURS = [1, 2, 3, 6, 12, 24, 48, 96, 168];
  const LABEL_PX = 52;
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONDAY = 4 * DAY; // The first Monday of the epoch.

  const month = (ms) => watchdeck.format.MONTHS[new Date(ms).getUTCMonth()];
  const year = (ms) => new Date(ms).getUTCFullYear();
  const day = (ms) => `${new Date(ms).getUTCDate()} ${month(ms)}`;

  /** The starts of all slots of a chart and the end of the last one. */
  const slots = (meta) => {
    const { grain, starts } = meta.calendar;
    if (starts) return { grain, starts, end: meta.end };
    const count = Math.round((meta.end - meta.start) / DAY);
    return { grain, starts: Array.from({ length: count }, (_, n) => meta.start + n * DAY), end: meta.end };
  };

  /** The number of the slot that a moment lies in; -1 outside. */
  const index = ({ starts, end }, ms) => {
    if (ms >= end) return -1;
    let n = starts.length - 1;
    while (n >= 0 && starts[n] > ms) n -= 1;
    return n;
  };
  const endOf = ({ starts, end }, n) => (n + 1 < starts.length ? starts[n + 1] : end);
  const middle = (all, n) => (all.starts[n] + endOf(all, n)) / 2;

  const hour = (ms) => `${String(new Date(ms).getUTCHours()).padStart(2, "0")}:00`;

  /** "Tue 24 Nov", "24 Nov 05:00", "Nov 2026". */
  const label = ({ grain }, start) =>
    grain === "hour" ? `${day(start)} ${hour(start)}` : grain === "month" ? `${month(start)} ${year(start)}` : `${WEEKDAYS[new Date(start).getUTCDay()]} ${day(start)}`;

  /** Labels under the middle of the slots, as many as fit; weeks begin on Monday. */
  const ticks = (meta, width) => {
    const all = slots(meta);
    const fits = Math.max(2, Math.floor(width / LABEL_PX));
    const shown = { hour: hours, day: days, month: months }[all.grain](all, fits);
    return { at: shown.map(([n]) => middle(all, n)), text: shown.map(([, text]) => text) };
  };
  const days = (all, fits) => {
    const step = STEPS.find((size) => all.starts.length / size <= fits) || Math.ceil(all.starts.length / fits);
    const named = all.starts.map((start, n) => [n, day(start), start]);
    if (step < 7) return named.filter(([n]) => n % step === 0);
    return named.filter(([, , start]) => Math.floor((start - MONDAY) / DAY) % step === 0);
  };
  const hours = (all, fits) => {
    const step = HOURS.find((size) => all.starts.length / size <= fits) || HOURS.at(-1);
    const named = all.starts.map((start, n) => [n, start % DAY ? hour(start) : day(start), start]);
    return named.filter(([, , start]) => (start / HOUR) % step === 0);
  };
  const months = (all, fits) => {
    const step = Math.ceil(all.starts.length / fits);
    return all.starts
      .map((start, n) => [n, n === 0 || new Date(start).getUTCMonth() === 0 ? `${month(start)} ${year(start)}` : month(start)])
      .filter(([n]) => n % step === 0);
  };

  /** "1 Nov to 30 Nov". */
  const span = (meta) => `${day(meta.start)} to ${day(meta.end - 1)} ${year(meta.end - 1)}`;

  /** A stretch of time as whole days of the bill. */
  const whole = (start, end) => [Math.floor(start / DAY) * DAY, Math.ceil(end / DAY) * DAY];

  watchdeck.calendar = { slots, index, endOf, middle, label, ticks, span, whole };
})();
