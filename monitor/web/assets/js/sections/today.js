// Today: the powers of this moment, the money saved, the next signal.

import { h } from "../dom.js";
import { flow } from "../flow.js";
import { clock, dateOf, energy, money, power } from "../format.js";
import { bar, card, dayAddress, dayNumber, nothing, recordLink, sayTogether } from "../parts.js";
import { known, t } from "../words.js";
import { ledgerEnergy, ledgerPower, ledgerSaving, reasonWords } from "./plan.js";

// Until the day has a plan the page asks what is still to come.
const waiting = (state) => !state.status.days.find((one) => one.day === dayNumber(state))?.planned;

export const needs = (state) => ({
  ...(waiting(state) ? { sealed: `/api/sealed/${dayNumber(state)}`, rounds: "/api/rounds?limit=4" } : {}),
  day: dayAddress(state, dayNumber(state)),
  yesterday: dayAddress(state, dayNumber(state) - 1),
  transactions: "/api/transactions?limit=60",
  alerts: "/api/alerts?limit=5",
});

export function render(state, { day, yesterday, transactions, alerts, sealed, rounds }) {
  const period = day ? day.starts.findLastIndex((start) => start <= state.now && state.now < day.end) : -1;
  const shown = day && state.now < day.starts[0] ? 0 : period; // the evening before: what comes first
  return h(
    "div.grid.today",
    null,
    day?.plan ? null : ready(state, day, transactions ?? [], sealed ?? [], rounds ?? []),
    day?.plan &&
      card(t("flow.title"), { id: "flow", note: periodWords(day, shown), record: day?.plan?.record }, flowOf(state, day, shown)),
    day?.plan && h("div.stack", null, saved(state, day, yesterday), signal(day, period)),
    day?.plan ? h("section.card", { id: "today-power", "data-key": "power" }, ledgerPower(state, day, 820)) : null,
    day?.plan ? h("section.card", { id: "today-energy", "data-key": "energy" }, ledgerEnergy(state, day, 420)) : null,
    card(t("today.happening"), { id: "happening", wide: true }, happening(transactions ?? [], alerts ?? [], day)),
  );
}

function periodWords(day, period) {
  if (!day || period < 0) return null;
  return t("flow.period", { from: clock(day.starts[period]), to: clock(day.starts[period + 1] ?? day.end) });
}

function flowOf(state, day, period) {
  if (period < 0) return nothing(t("flow.none"));
  const plan = day.plan;
  const signalled = day.signals[period]?.power;
  const charge = signalled === undefined ? plan.charge[period] : Math.max(0, signalled);
  const discharge = signalled === undefined ? plan.discharge[period] : Math.max(0, -signalled);
  const taken = Math.min(plan.surplus_taken[period], charge);
  const served = Math.min(plan.deficit_served[period], discharge);
  const measured = day.outcomes.slice(0, period).findLast((outcome) => outcome !== null);
  return [
    flow(
      {
        surplus: plan.surplus[period],
        deficit: plan.deficit[period],
        taken,
        served,
        gridCharge: charge - taken,
        gridSale: discharge - served,
        charge,
        discharge,
        energy: measured?.energy ?? (period > 0 ? plan.energy[period - 1] : plan.start),
        capacity: state.status.storage?.capacity ?? 0,
      },
      { isNarrow: state.narrow, parks: plan.parks.length },
    ),
    h("p.seal", null, t("flow.sealed")),
  ];
}

// ready lists what comes before a plan, and how far it has come.
function ready(state, day, transactions, sealed, rounds) {
  const forecasts = sealed.filter((one) => one.kind === "forecast").length;
  const round = rounds.find((one) => one.kind === "forecast" && one.day === day?.day);
  const gate = day ? clock(day.starts[0] - state.status.daily_lead) : "–";
  const steps = [
    [t("ready.channels"), forecasts > 0 || transactions.some((one) => one.kind === "vault/channel-acknowledge")],
    [t("ready.tariff"), Boolean(day)],
    [
      t("ready.sealed", { count: forecasts, parks: state.status.parks.length }),
      forecasts > 0 && forecasts === state.status.parks.length,
    ],
    [t("ready.gate", { time: gate }), round !== undefined],
    [t("ready.opened"), round?.phase === "opened"],
    [t("ready.plan"), false],
  ];
  return card(
    t("ready.title"),
    { id: "ready", wide: true },
    h(
      "ol.ready",
      null,
      steps.map(([words, done]) => h("li", { class: done ? "done" : "ahead" }, words)),
    ),
  );
}

function saved(state, day, yesterday) {
  if (!day?.plan) return null;
  const expected = day.saving.reduce((sum, one, i) => sum + (day.done[i] ?? one), 0);
  const soFar = day.done.reduce((sum, one) => sum + (one ?? 0), 0);
  const without = withoutStorage(day);
  const settled = day.settlement ?? yesterday?.settlement;
  const settledOf = day.settlement ? day : yesterday;
  return card(
    t("today.saved"),
    { id: "saved", record: day.plan.record },
    h("p.big", null, money(expected), h("small", null, t("today.expected"))),
    h(
      "div.compare",
      null,
      bar(t("today.without"), without, without, "without"),
      bar(t("today.with"), without - expected, without, "with"),
    ),
    ledgerSaving(state, day, { wide: 420, height: 150, small: true }),
    h("p.note", null, t("today.sofar", { money: money(soFar) }), soFar < 0 ? ` (${t("today.sofar.note")})` : ""),
    settled &&
      settled.kind === "shared" &&
      h(
        "p.note",
        null,
        t("today.settled", { date: dateOf(settledOf.date) }),
        ": ",
        h("strong", null, money(settled.baseline - settled.bills)),
        " ",
        recordLink(settled.record),
      ),
  );
}

// withoutStorage is what the day's sums would cost without storage.
function withoutStorage(day) {
  const hours = (day.end - day.starts[0]) / day.starts.length / 3600;
  const costs = day.starts.map((_, i) => day.buy[i] * day.plan.deficit[i] - day.sell[i] * day.plan.surplus[i]);
  return (costs.reduce((sum, one) => sum + one, 0) / 1000) * hours;
}

function signal(day, period) {
  if (!day?.plan) return null;
  const given = day.signals[period];
  const now = given?.power ?? (period >= 0 ? day.plan.charge[period] - day.plan.discharge[period] : null);
  const next = period + 1;
  const planned = next < day.starts.length ? day.plan.charge[next] - day.plan.discharge[next] : null;
  return card(
    t("today.signal"),
    { id: "signal", record: given?.record },
    now !== null &&
      h("p.big", null, order(now), h("small", null, t("today.now", { to: clock(day.starts[period + 1] ?? day.end) }))),
    planned !== null &&
      h(
        "p.next",
        null,
        h("span", null, t("today.next", { from: clock(day.starts[next]) })),
        h("strong", null, order(planned)),
        h("span.note", null, `→ ${energy(day.plan.energy[next])}`),
      ),
  );
}

function order(watts) {
  if (watts > 0) return t("today.charge", { power: power(watts) });
  return watts < 0 ? t("today.discharge", { power: power(-watts) }) : t("today.rest");
}

// happening is the newest of what was sent, planned and found.
function happening(transactions, alerts, day) {
  const events = [
    ...together(transactions).map((sent) => ({
      key: sent[0].hash,
      at: sent[0].ledger_time,
      words: sayTogether(sent),
      class: sent[0].code === 0 ? null : "bad",
      href: sent.length === 1 ? `/#/transaction/${sent[0].hash}` : `/#/block/${sent[0].height}`,
    })),
    ...alerts.map((one) => ({
      key: one.record,
      at: one.time,
      href: "/#/alerts",
      class: "bad",
      words: t("event.alert", { words: known(`alert.${one.rule}`) ? t(`alert.${one.rule}`) : one.rule, subject: one.subject }),
    })),
  ];
  if (day?.plan) {
    const saves = money(day.plan.baseline - day.plan.cost);
    events.push({
      key: day.plan.record,
      at: day.plan.time,
      href: "/#/plan",
      class: "good",
      words: t("event.plan", { version: day.plan.version, reason: reasonWords(day.plan.reason), money: saves }),
    });
  }
  if (events.length === 0) return nothing(t("transactions.none"));
  return h(
    "ol.events",
    null,
    events
      .toSorted((a, b) => b.at - a.at)
      .slice(0, 14)
      .map((one) =>
        h("li", { "data-key": one.key, class: one.class }, h("time", null, clock(one.at)), h("a", { href: one.href }, one.words)),
      ),
  );
}

// together groups the transactions of one block, kind and outcome.
function together(transactions) {
  const groups = new Map();
  for (const one of transactions) {
    const key = `${one.height} ${one.kind} ${one.code === 0}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}
