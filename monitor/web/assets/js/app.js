// The page: what is shown follows from the address and from what the monitor
// says; each new block asks again for what is in view.

import { get, listen } from "./api.js";
import { watchCharts } from "./chart.js";
import { h, show } from "./dom.js";
import { setPlace } from "./format.js";
import { frame } from "./frame.js";
import { dayNumber } from "./parts.js";
import { remembered, speak, t } from "./words.js";
import * as alerts from "./sections/alerts.js";
import * as contracts from "./sections/contracts.js";
import * as ledger from "./sections/ledger.js";
import * as block from "./sections/block.js";
import * as plan from "./sections/plan.js";
import * as privacy from "./sections/privacy.js";
import * as record from "./sections/record.js";
import * as today from "./sections/today.js";
import * as transaction from "./sections/transaction.js";

// A section has needs(state), the addresses it shows by name, where those are
// not all known beforehand also more(state, data), and render(state, data), its
// elements.
const sections = { today, plan, contracts, ledger, privacy, alerts, block, transaction, record };

const state = {
  route: "today",
  argument: "",
  status: null,
  news: null, // the newest block
  arrived: 0, // when it arrived, milliseconds of this page
  connected: true,
  narrow: false,
  chosen: {}, // what the reader has chosen within a section
};

const narrowScreen = window.matchMedia("(max-width: 700px)");

function readAddress() {
  if (location.pathname === "/record" && location.hash === "") {
    state.route = "record";
    state.argument = new URLSearchParams(location.search).get("key") ?? "";
    return;
  }
  const [, route = "today", argument = ""] = /^#\/([a-z]+)(?:\/(.*))?$/u.exec(location.hash) ?? [];
  state.route = Object.hasOwn(sections, route) ? route : "today";
  try {
    state.argument = decodeURIComponent(argument);
  } catch {
    state.argument = argument;
  }
}

let shownData = {};
let shownFor = "";
let refreshing = false;
let again = false;

// ask reads addresses, by name.
async function ask(needs) {
  const answers = await Promise.all(
    Object.values(needs).map((path) => get(path).catch((error) => ({ problem: error.message }))),
  );
  return Object.fromEntries(Object.keys(needs).map((name, i) => [name, answers[i]]));
}

// refresh reads what the section needs, then draws. While it runs further
// calls are one call after it.
async function refresh() {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  const place = `${state.route}/${state.argument}`;
  try {
    state.status = await get("/api/status");
    setPlace(state.status);
    const section = sections[state.route];
    const data = await ask(section.needs(state));
    Object.assign(data, await ask(section.more?.(state, data) ?? {}));
    shownData = data;
    shownFor = place;
    draw();
  } catch {
    state.connected = false;
    draw();
  }
  refreshing = false;
  if (again || place !== `${state.route}/${state.argument}`) {
    again = false;
    await refresh();
  }
}

function draw() {
  const main = document.getElementById("main");
  frame(state, ledgerNow());
  const ready = state.status !== null && shownFor === `${state.route}/${state.argument}`;
  main.setAttribute("aria-busy", String(!ready));
  if (shownFor === "") show(main, h("p.empty", null, t("loading")));
  if (!ready) return; // what was shown stays until the answers are there
  main.setAttribute("data-section", state.route);
  show(main, sections[state.route].render({ ...state, now: ledgerNow(), day: dayNumber(state) }, shownData));
}

// ledgerNow runs on from the newest block at the chain's pace.
function ledgerNow() {
  const { status, news, arrived } = state;
  if (!status) return null;
  const base = news ? Math.max(news.ledger_time, status.ledger_time) : status.ledger_time;
  if (!news) return base;
  const elapsed = (performance.now() - arrived) / 1000;
  const capped = status.cap_seconds > 0 ? Math.min(elapsed, status.cap_seconds) : elapsed;
  return base + capped * Math.max(1, status.factor);
}

let waiting = 0;

function onNews(news) {
  state.news = news;
  state.arrived = performance.now();
  state.connected = true;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(refresh, 60);
}

function onClick(event) {
  const target = event.target.closest?.("[data-action]");
  if (!target) return;
  const [action, value] = [target.dataset.action, target.dataset.value];
  if (action === "language") speak(value);
  if (action === "theme") setTheme(value);
  if (action === "search") find();
  draw();
}

// find goes to what stands in the search field.
function find() {
  const place = ledger.placeOf(document.querySelector("input[data-search]")?.value ?? "");
  if (place !== null) location.assign(place);
}

function onChange(event) {
  const target = event.target.closest?.("select[data-name]");
  if (!target) return;
  if (target.dataset.name === "day") location.hash = `#/${state.route}/${target.value}`;
  else {
    state.chosen = { ...state.chosen, [target.dataset.name]: target.value };
    void refresh();
  }
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem("sesame-theme", name);
  } catch {
    // a browser that keeps nothing follows its own setting next time
  }
}

function start() {
  speak(remembered());
  try {
    const theme = localStorage.getItem("sesame-theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch {
    // as above
  }
  state.narrow = narrowScreen.matches;
  narrowScreen.addEventListener("change", () => {
    state.narrow = narrowScreen.matches;
    draw();
  });
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("input[data-search]")) find();
  });
  window.addEventListener("hashchange", () => {
    readAddress();
    draw();
    document.getElementById("main").focus({ preventScroll: true });
    window.scrollTo(0, 0);
    void refresh();
  });
  watchCharts(document.getElementById("main"));
  readAddress();
  draw();
  void refresh();
  listen({
    news: onNews,
    connected(is) {
      state.connected = is;
      draw();
    },
  });
  window.setInterval(() => frame(state, ledgerNow()), 250);
}

start();
