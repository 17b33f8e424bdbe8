// Pieces that several sections show.

import { h, s } from "./dom.js";
import { dateOf, energy, money, power } from "./format.js";
import { known, t } from "./words.js";

// card is a titled box; record is the key that its figures come from.
export function card(title, { id, record, note, wide, level = 2 } = {}, ...children) {
  return h(
    "section.card",
    { "data-key": id ?? title, class: wide ? "wide" : null, id },
    h("div.card-head", null, h(`h${level}`, null, title), note && h("span.note", null, note), record && recordLink(record)),
    children,
  );
}

// recordLink leads to the record that proves a figure.
export function recordLink(key, words = t("record.link")) {
  return h("a.record", { href: `/record?key=${encodeURIComponent(key)}`, title: key }, words);
}

// fact is a name with a figure.
export function fact(name, value, options = {}) {
  return h("div.fact", { "data-key": name, class: options.class }, h("dt", null, name), h("dd", null, value));
}

// bar shows a sum of money as a part of the greatest one.
export function bar(name, value, most, kind) {
  const share = most > 0 ? Math.max(0, Math.min(1, value / most)) : 0;
  return h(
    "div.bar-row",
    { "data-key": kind },
    h("span", null, name),
    s(
      "svg.bar",
      { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      s("rect", { width: Math.round(share * 1000) / 10, height: 4, class: kind }),
    ),
    h("strong", null, money(value)),
  );
}

// steps shows how far something has come: names in order, the one reached.
export function steps(names, reached) {
  const at = names.indexOf(reached);
  if (at < 0) return h("span.state", { class: reached }, t(`state.${reached}`));
  return h(
    "ol.steps",
    null,
    names.map((name, i) =>
      h(
        "li",
        { class: i < at ? "done" : i === at ? "done reached" : "ahead", "aria-current": i === at ? "step" : null },
        t(`state.${name}`),
      ),
    ),
  );
}

// dayNumber is the day in the address, or today.
export const dayNumber = ({ argument, status }) => Number.parseInt(argument, 10) || status.today;

// dayAddress is where a day is, null for a day without a tariff.
export const dayAddress = ({ status }, day) => (status.days.some((one) => one.day === day) ? `/api/day/${day}` : null);

// dayPicker lets the reader go to another day.
export function dayPicker({ status, day, route }) {
  const days = status.days;
  const at = days.findIndex((one) => one.day === day);
  const step = (to, words, sign) =>
    h(
      "a.step",
      {
        href: to ? `/#/${route}/${to.day}` : null,
        "aria-label": words,
        "aria-disabled": to ? null : "true",
        role: to ? null : "link",
      },
      sign,
    );
  return h(
    "div.daypicker",
    null,
    step(days[at - 1], t("day.previous"), "‹"),
    h(
      "label",
      null,
      h("span.visually-hidden", null, t("day.pick")),
      h(
        "select",
        { "data-name": "day" },
        days.map((one) => h("option", { value: one.day, selected: one.day === day }, dateOf(one.date))),
      ),
    ),
    step(days[at + 1], t("day.next"), "›"),
  );
}

// nothing says in words why there is nothing to see.
export const nothing = (words) => h("p.empty", null, words);

// table makes a table: columns [{title, number}], rows of cells.
export function table(columns, rows, { caption, id } = {}) {
  return h(
    "div.scroll",
    { tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      { "data-key": id },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          columns.map((column) => h("th", { scope: "col", class: column.number ? "number" : null }, column.title)),
        ),
      ),
      h(
        "tbody",
        null,
        rows.map((cells) =>
          h(
            "tr",
            null,
            cells.map((cell, i) => h("td", { class: columns[i].number ? "number" : null }, cell)),
          ),
        ),
      ),
    ),
  );
}

// sayTogether puts transactions of one block and kind into one sentence.
export function sayTogether(transactions) {
  const [first] = transactions;
  const key = `says.${first.kind}`;
  if (transactions.length === 1 || !known(key)) return say(first);
  const senders = [...new Set(transactions.map((one) => one.sender))].toSorted().join(", ");
  return t(key, { ...factsOf(first), senders, count: transactions.length });
}

// say puts a transaction into a sentence.
export function say(transaction) {
  if (!transaction.kind) return t("say.unreadable");
  const facts = factsOf(transaction);
  const key = `say.${transaction.kind}`;
  return known(key) ? t(key, facts) : t("say.unknown", facts);
}

function factsOf(transaction) {
  const facts = { ...transaction.facts, sender: transaction.sender, kind: transaction.kind };
  facts.series = t(facts.Kind === "reading" ? "series.reading" : "series.forecast");
  const [fits, differs] =
    transaction.kind === "trade/attest" ? ["verdict.metered", "verdict.disputed"] : ["verdict.fits", "verdict.differs"];
  facts.verdict = t(facts.Fits ? fits : differs);
  if (typeof facts.Date === "string") facts.Date = dateOf(facts.Date);
  if (typeof facts.Period === "number") facts.Period = facts.Period + 1;
  if (transaction.kind === "control/outcome") {
    facts.energy = energy(facts.Energy ?? 0);
    facts.did = t(facts.Charged > 0 ? "did.charged" : facts.Discharged > 0 ? "did.discharged" : "did.rested", {
      power: power(facts.Charged || facts.Discharged || 0),
    });
  }
  return facts;
}
