// Figures for people, in the page's language and the ledger's time zone.

import { language } from "./words.js";

let currency = "CNY";
let timezone = "UTC";

// setPlace takes over what the ledger's genesis says for people.
export function setPlace(status) {
  currency = status.currency || currency;
  timezone = usable(status.timezone) ? status.timezone : "UTC";
}

function usable(zone) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return Boolean(zone);
  } catch {
    return false;
  }
}

const locale = () => (language() === "zh" ? "zh-CN" : "en-GB");

const formats = new Map();

function cached(kind, options, make) {
  const key = `${kind} ${locale()} ${JSON.stringify(options)}`;
  if (!formats.has(key)) formats.set(key, make(locale(), options));
  return formats.get(key);
}

export function number(value, digits = 0, least = 0) {
  const options = { maximumFractionDigits: digits, minimumFractionDigits: least };
  return cached("number", options, (l, o) => new Intl.NumberFormat(l, o)).format(value);
}

// power is W as kW.
export const power = (watts) => `${number(watts / 1000, 1)} kW`;

// energy is Wh as kWh.
export const energy = (wattHours) => `${number(wattHours / 1000, 1)} kWh`;

// money is 1e-6 currency as currency.
export function money(micro, digits = 2) {
  const options = {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  const value = Math.abs(micro) < 0.5 ? 0 : micro / 1e6;
  try {
    return cached("money", options, (l, o) => new Intl.NumberFormat(l, o)).format(value);
  } catch {
    return `${number(value, digits, digits)} ${currency}`;
  }
}

// price is 1e-6 currency per kWh.
export const price = (micro) => `${money(micro, 4)}/kWh`;

function moment(seconds, options) {
  return cached("time", { ...options, timeZone: timezone }, (l, o) => new Intl.DateTimeFormat(l, o)).format(
    new Date(seconds * 1000),
  );
}

export const clock = (seconds) => moment(seconds, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const clockSeconds = (seconds) =>
  moment(seconds, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
export const dayAndClock = (seconds) =>
  moment(seconds, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const weekday = (seconds) => moment(seconds, { weekday: "short", day: "numeric", month: "short", year: "numeric" });

// dateOf is a local date "2024-07-15" as people write it.
export function dateOf(text) {
  const date = new Date(`${text}T12:00:00Z`);
  if (Number.isNaN(date.getTime())) return text;
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  return cached("date", options, (l, o) => new Intl.DateTimeFormat(l, o)).format(date);
}

// short is the beginning of a long hexadecimal text.
export const short = (hex, length = 10) => (hex.length > length ? `${hex.slice(0, length)}…` : hex);
