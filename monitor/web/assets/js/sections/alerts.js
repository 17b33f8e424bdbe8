// Alerts of the ledger, with what each rule means.

import { h } from "../dom.js";
import { dayAndClock, number } from "../format.js";
import { nothing, recordLink } from "../parts.js";
import { known, t } from "../words.js";

export const needs = () => ({ alerts: "/api/alerts?limit=100" });

export function render(state, { alerts }) {
  const listed = alerts ?? [];
  return h(
    "div.grid.alerts",
    null,
    h("div.title-row", null, h("h1", null, t("alerts.title"))),
    h(
      "section.card.wide",
      { "aria-label": t("alerts.title") },
      listed.length < state.status.alert_count &&
        h("p.note", null, t("alerts.newest", { shown: number(listed.length), count: number(state.status.alert_count) })),
      listed.length === 0 ? nothing(t("alerts.none")) : h("ul.plain.alert-list", null, listed.map(alert)),
    ),
  );
}

function alert(one) {
  const open = one.acknowledged_by === "";
  return h(
    "li.alert",
    { "data-key": String(one.id), class: open ? "open" : "closed", "data-rule": one.rule },
    h(
      "div.alert-head",
      null,
      h("h2", null, known(`alert.${one.rule}`) ? t(`alert.${one.rule}`) : one.rule, ": ", h("span", null, one.subject)),
      h("span.pill", { class: open ? "bad" : "good" }, standing(one)),
    ),
    h("p", null, one.detail),
    known(`alert.${one.rule}.why`) && h("p.note", null, t(`alert.${one.rule}.why`)),
    h(
      "p.note",
      null,
      h("code", null, one.rule),
      " · ",
      dayAndClock(one.time),
      " · ",
      t("alerts.raised", { by: one.raised_by, height: number(one.height) }),
      " · ",
      recordLink(one.record),
    ),
  );
}

// standing says whether an alert is open, over by itself, or acknowledged.
function standing(one) {
  if (one.acknowledged_by === "") return t("alerts.open");
  const key = one.acknowledged_by.startsWith("contract/") ? "alerts.over" : "alerts.acknowledged";
  return t(key, { by: one.acknowledged_by, time: dayAndClock(one.acknowledged_at) });
}
