// Plan against actual, and the certificate that proves the plan.

import { chart } from "../chart.js";
import { h } from "../dom.js";
import { clock, dateOf, dayAndClock, energy, money, number, power, price } from "../format.js";
import { bar, card, dayAddress, dayNumber, dayPicker, fact, nothing, recordLink, table } from "../parts.js";
import { known, t } from "../words.js";

export const needs = (state) => ({ day: dayAddress(state, dayNumber(state)) });

export function render(state, { day }) {
  if (!day) return nothing(t("day.none"));
  return h(
    "div.grid.plan",
    null,
    h("div.title-row", null, h("h1", null, t("nav.plan"), " · ", dateOf(day.date)), dayPicker(state)),
    day.plan ? certificate(day) : card(t("plan.certificate"), {}, nothing(t("plan.none"))),
    day.plan && box(ledgerPower(state, day, 620)),
    day.plan && box(ledgerEnergy(state, day, 620)),
    day.plan && box(sums(state, day)),
    box(prices(state, day)),
    day.plan && box(ledgerSaving(state, day)),
    versions(day),
  );
}

const box = (figure) => h("section.card", { "data-key": figure.getAttribute("data-key") }, figure);

const width = (state, wide) => (state.narrow ? 380 : wide);

export function ledgerPower(state, day, wide) {
  const plan = day.plan;
  return chart({
    id: "chart-power",
    title: t("chart.power"),
    unit: "kW",
    note: t("chart.power.note"),
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: width(state, wide),
    height: 230,
    format: power,
    floor: 10_000,
    series: [
      { name: t("chart.planned"), kind: "bars", class: "c-plan", values: plan.charge.map((c, i) => c - plan.discharge[i]) },
      {
        name: t("chart.metered"),
        kind: "thin",
        class: "c-storage",
        values: day.outcomes.map((o) => (o ? o.charged - o.discharged : null)),
      },
    ],
  });
}

export function ledgerEnergy(state, day, wide) {
  return chart({
    id: "chart-energy",
    title: t("chart.energy"),
    unit: "kWh",
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: width(state, wide),
    height: 230,
    format: energy,
    top: state.status.storage?.maximum ?? null,
    series: [
      {
        name: t("chart.planned"),
        kind: "line",
        class: "c-plan",
        values: day.plan.energy,
        first: day.plan.from === 0 ? day.plan.start : undefined,
      },
      { name: t("chart.measured"), kind: "points", class: "c-storage", values: day.outcomes.map((o) => (o ? o.energy : null)) },
    ],
  });
}

function sums(state, day) {
  const { plan, settlement } = day;
  const opened = (series) => (settlement ? series.map((value) => (value > 0 ? value : null)) : []); // 0 is a sum that stayed sealed
  const minus = (values) => values.map((value) => (value === null ? null : -value));
  const series = [
    { name: t("chart.surplus"), kind: "area", class: "c-surplus", values: plan.surplus },
    { name: t("chart.taken"), kind: "area", class: "c-surplus strong", values: plan.surplus_taken },
    { name: t("chart.deficit"), kind: "area", class: "c-deficit", values: minus(plan.deficit) },
    { name: t("chart.served"), kind: "area", class: "c-deficit strong", values: minus(plan.deficit_served) },
  ];
  if (settlement?.kind === "shared") {
    series.push({
      name: `${t("chart.surplus")}, ${t("chart.reading")}`,
      kind: "points",
      at: "middle",
      class: "c-surplus",
      values: opened(settlement.surplus),
    });
    series.push({
      name: `${t("chart.deficit")}, ${t("chart.reading")}`,
      kind: "points",
      at: "middle",
      class: "c-deficit",
      values: minus(opened(settlement.deficit)),
    });
  }
  return chart({
    id: "chart-sums",
    title: t("chart.sums"),
    unit: "kW",
    note: t("chart.sums.note"),
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: width(state, 620),
    height: 260,
    format: (value) => power(Math.abs(value)),
    series,
  });
}

function prices(state, day) {
  return chart({
    id: "chart-prices",
    title: t("chart.prices"),
    note: t("chart.prices.note"),
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: width(state, 620),
    height: 260,
    format: price,
    tick: (value) => money(value, 2),
    floor: 100_000,
    series: [
      { name: t("chart.buy"), kind: "area", class: "c-grid", values: day.buy },
      { name: t("chart.sell"), kind: "area", class: "c-surplus", values: day.sell },
    ],
  });
}

export function ledgerSaving(state, day, { wide = 620, height = 230, small = false } = {}) {
  let planned = 0,
    done = 0;
  return chart({
    id: "chart-saving",
    title: t(small ? "today.curve" : "chart.saving"),
    note: small ? null : t("chart.saving.note"),
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: width(state, wide),
    height,
    table: !small,
    format: (value) => money(value, 0),
    floor: 1_000_000,
    series: [
      { name: t("chart.planned"), kind: "line", class: "c-plan", first: 0, values: day.saving.map((one) => (planned += one)) },
      {
        name: t("chart.metered"),
        kind: "points",
        class: "c-storage",
        values: day.done.map((one) => (one === null ? null : (done += one))),
      },
    ],
  });
}

// reasonWords puts a plan's reason into the page's language where it is one of
// the contracts' own.
export const reasonWords = (reason) => (known(`reason.${reason}`) ? t(`reason.${reason}`) : reason);

const sourceWords = (source) => (known(`source.${source}`) ? t(`source.${source}`) : source);

function certificate({ plan, starts }) {
  const within = plan.gap <= plan.tolerance;
  const verdict = !plan.proven ? ["bad", t("plan.unproven")] : within ? ["good", t("plan.within")] : ["warn", t("plan.beyond")];
  const rest = () => plan.from > 0 && h("span.note", null, ` ${t("plan.rest", { from: clock(starts[plan.from] ?? starts[0]) })}`);
  return card(
    t("plan.certificate"),
    { id: "certificate", wide: true, record: plan.record },
    h(
      "div.ruler",
      null,
      bar([t("plan.baseline"), rest()], plan.baseline, plan.baseline, "without"),
      bar([t("plan.cost"), rest()], plan.cost, plan.baseline, "with"),
      plan.proven && bar([t("plan.bound"), rest()], plan.bound, plan.baseline, "bound"),
    ),
    h(
      "p.verdict",
      null,
      h("span.pill", { class: verdict[0] }, verdict[1]),
      " ",
      plan.proven &&
        h(
          "span.pill",
          { class: plan.problem === "" ? "good" : "bad" },
          plan.problem === "" ? t("plan.checked") : t("plan.fails", { problem: plan.problem }),
        ),
      " ",
      plan.proven && t("today.proven", { bound: money(plan.bound, 4) }),
    ),
    h(
      "dl.facts-grid",
      null,
      fact(t("plan.saving"), money(plan.baseline - plan.cost)),
      plan.proven && fact(t("plan.gap"), money(plan.gap, 4)),
      fact(t("plan.tolerance"), money(plan.tolerance, 4)),
      fact(t("plan.source"), sourceWords(plan.source)),
      fact(t("plan.reason"), reasonWords(plan.reason)),
      fact(t("plan.version"), [
        number(plan.version),
        plan.from > 0 ? `, ${t("plan.from")} ${clock(starts[plan.from] ?? starts[0])}` : "",
      ]),
      fact(t("plan.bytes"), t("plan.bytes.value", { bytes: number(plan.certificate) })),
      fact(t("plan.parks"), plan.parks.join(", ")),
    ),
  );
}

function versions(day) {
  if (day.versions.length === 0) return null;
  return card(
    t("plan.versions"),
    { id: "versions" },
    table(
      [
        { title: t("plan.version"), number: true },
        { title: t("blocks.time") },
        { title: t("plan.reason") },
        { title: t("plan.from") },
        { title: t("plan.source") },
        { title: "" },
      ],
      day.versions.map((one) => [
        number(one.version),
        dayAndClock(one.time),
        reasonWords(one.reason),
        clock(day.starts[one.from] ?? day.starts[0]),
        sourceWords(one.source),
        [recordLink(one.record), one.version === day.plan?.version && h("span.pill.good", null, t("plan.inforce"))],
      ]),
      { caption: t("plan.versions") },
    ),
  );
}
