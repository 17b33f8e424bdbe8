// Contracts, settlement and bills of a day.

import { chart } from "../chart.js";
import { h } from "../dom.js";
import { clock, dateOf, energy, money, number, power, price, short } from "../format.js";
import { card, dayAddress, dayNumber, dayPicker, fact, nothing, recordLink, steps, table } from "../parts.js";
import { known, t } from "../words.js";

const contractStates = ["drafted", "notified", "confirmed", "settled"];
const billStates = ["due", "submitted", "accepted"];

export function needs(state) {
  const day = dayAddress(state, dayNumber(state));
  const own =
    day === null
      ? []
      : state.status.own_parks.map((park) => [`own ${park}`, `/api/own/${encodeURIComponent(park)}/${dayNumber(state)}`]);
  return { day, ...Object.fromEntries(own) };
}

export function render(state, data) {
  const { day } = data;
  if (!day) return nothing(t("day.none"));
  return h(
    "div.grid.contracts",
    null,
    h("div.title-row", null, h("h1", null, t("nav.contracts"), " · ", dateOf(day.date)), dayPicker(state)),
    settlement(day),
    bills(day),
    contracts(day),
    h(
      "div.owners.wide",
      null,
      state.status.own_parks.map((park) => ownPark(state, day, park, data[`own ${park}`])),
    ),
  );
}

function contracts(day) {
  if (day.contracts.length === 0) return card(t("contracts.title"), { wide: true }, nothing(t("contracts.none")));
  const columns = [
    { title: t("contracts.party") },
    { title: t("contracts.state") },
    { title: t("contracts.confirmed") },
    { title: t("contracts.lines") },
    { title: "" },
  ];
  const shown = day.contracts.toSorted((a, b) => b.plan - a.plan);
  return card(
    t("contracts.title"),
    { id: "contract-list", wide: true },
    table(
      columns,
      shown.map((one) => [
        [
          h("strong", null, one.party),
          h("span.note", null, ` ↔ ${one.counterparty} · ${t("contracts.plan", { version: one.plan })}`),
        ],
        steps(contractStates, one.state),
        one.confirmed.length === 0 ? "–" : one.confirmed.join(", "),
        one.lines.length > 0
          ? t("contracts.public", { count: one.lines.length })
          : t("contracts.sealed", { party: one.counterparty, bytes: number(one.sealed) }),
        recordLink(one.record),
      ]),
      { caption: t("contracts.title") },
    ),
    leftOff(day.left_off.contracts),
    shown.filter((one) => one.lines.length > 0 && one.state !== "superseded").map((one) => lines(one.party, one.lines)),
  );
}

function lines(party, listed) {
  const columns = [
    { title: t("line.start") },
    { title: t("line.purchase"), number: true },
    { title: t("line.sale"), number: true },
    { title: t("line.buy"), number: true },
    { title: t("line.sell"), number: true },
    { title: t("line.total"), number: true },
  ];
  return h(
    "details.figures",
    { "data-key": `lines ${party}` },
    h("summary", null, `${t("contracts.lines")}: ${party}`),
    table(
      columns,
      listed.map((line) => [
        clock(line.start),
        power(line.purchase),
        power(line.sale),
        price(line.buy_price),
        price(line.sell_price),
        money(line.total),
      ]),
      { caption: `${t("contracts.lines")}: ${party}` },
    ),
  );
}

function settlement({ settlement: done }) {
  if (!done) return card(t("settlement.title"), { id: "settlement" }, nothing(t("settlement.none")));
  if (done.kind !== "shared") {
    return card(
      t("settlement.title"),
      { id: "settlement", record: done.record },
      h("p", null, h("span.pill.warn", null, t("settlement.without"))),
      done.reason && h("p.note", null, done.reason),
      h("dl.facts-grid", null, fact(t("settlement.operator"), money(done.operator_due))),
    );
  }
  return card(
    t("settlement.title"),
    { id: "settlement", record: done.record },
    h(
      "div.waterfall",
      null,
      step(t("settlement.baseline"), done.baseline, "without", ""),
      step(t("settlement.rebates"), done.baseline - done.bills, "saved", "−"),
      step(t("settlement.bills"), done.bills, "total", "="),
    ),
    h(
      "div.split",
      null,
      h("p", null, h("strong", null, money(done.grid_due)), " ", t("settlement.grid")),
      h("p", null, h("strong", null, money(done.operator_due)), " ", t("settlement.operator")),
      h("p.note", null, t("settlement.balance")),
    ),
    h(
      "dl.facts-grid",
      null,
      fact(t("settlement.saving"), money(done.saving)),
      fact(t("settlement.rho"), number(done.rho, 4)),
      fact(t("settlement.usefulness"), money(done.usefulness)),
      fact(t("settlement.energy"), `${energy(done.energy_start)} → ${energy(done.energy_end)}`),
      done.by_meter.length > 0 && fact(t("settlement.bymeter"), done.by_meter.join(", ")),
    ),
  );
}

function step(name, value, kind, sign) {
  return h(
    "div.waterfall-step",
    { "data-key": kind, class: kind },
    h("span", null, name),
    h("strong", null, sign && h("span.sign", null, sign), money(value)),
  );
}

// leftOff says how many records a full list does not show.
const leftOff = (count) => count > 0 && h("p.note", null, t("list.left.off", { count: number(count) }));

function bills({ bills: listed, left_off: left }) {
  if (listed.length === 0) return card(t("bills.title"), { id: "bills" }, nothing(t("bills.none")));
  return card(
    t("bills.title"),
    { id: "bills", note: t("bills.hidden") },
    table(
      [
        { title: t("bills.park") },
        { title: t("contracts.state") },
        { title: t("bills.basis") },
        { title: t("bills.commitment") },
        { title: "" },
      ],
      listed.map((bill) => [
        h("strong", null, bill.park),
        bill.state === "contested" ? h("span.pill.bad", null, t("state.contested")) : steps(billStates, bill.state),
        basis(bill.basis),
        bill.opened === null ? h("code", null, short(hexOf(bill.commitment), 8)) : money(bill.opened),
        recordLink(bill.record),
      ]),
      { caption: t("bills.title") },
    ),
    leftOff(left.bills),
  );
}

// basis says what a bill's readings rest on.
function basis(name) {
  if (!known(`basis.${name}`)) return name || "–";
  return h("span.pill", { class: { metered: "good", disputed: "bad" }[name] ?? null }, t(`basis.${name}`));
}

// hexOf is hexadecimal of Base64.
function hexOf(base64) {
  return [...atob(base64 ?? "")].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

function ownPark(state, day, park, own) {
  const title = t("own.title", { park });
  if (!own || own.problem) return card(title, { note: t("own.note") }, nothing(own?.problem ?? t("own.none")));
  const bill = own.bill;
  return card(
    title,
    { id: `own-${park}`, note: t("own.note") },
    bill &&
      h(
        "div.waterfall.own",
        null,
        step(t("own.without"), bill.without_storage, "without", ""),
        step(t("own.saving"), bill.saving, "saved", "−"),
        step(t("own.pay"), bill.to_pay, "total", "="),
      ),
    ownChart(state, day, park, ownSeries(own, day, state.now)),
    own.lines.length > 0 && lines(park, own.lines),
  );
}

// ownSeries is what was measured of the periods that have ended, then the
// forecast.
function ownSeries(own, day, now) {
  const ended = day.starts.findLastIndex((_, i) => (day.starts[i + 1] ?? day.end) <= now) + 1;
  const merged = (name) =>
    day.starts.map((_, i) => (i < ended ? own.reading?.[name]?.[i] : undefined) ?? own.forecast?.[name]?.[i] ?? null);
  return { load: merged("load"), pv: merged("pv"), wind: merged("wind") };
}

function ownChart(state, day, park, series) {
  if (series.load.every((value) => value === null)) return null;
  return chart({
    id: `own-chart-${park}`,
    title: t("own.chart"),
    unit: "kW",
    note: state.now < day.end ? t("own.until") : null,
    starts: day.starts,
    end: day.end,
    now: state.now,
    width: state.narrow ? 380 : 480,
    height: 200,
    format: power,
    series: [
      { name: t("own.pv"), kind: "area", class: "c-surplus", values: series.pv },
      { name: t("own.wind"), kind: "area", class: "c-storage", values: series.wind },
      { name: t("own.load"), kind: "steps", class: "c-deficit", values: series.load },
    ].filter(({ values }) => values.some((value) => value > 0)),
  });
}
