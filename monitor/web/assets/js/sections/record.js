// One record with its proof, and how to check it without this page.

import { h } from "../dom.js";
import { number } from "../format.js";
import { card, fact, nothing } from "../parts.js";
import { t } from "../words.js";

export const needs = ({ argument }) => ({ record: `/api/record?key=${encodeURIComponent(argument)}` });

export function render({ argument }, { record }) {
  if (!record || (record.problem && !record.proof))
    return h("div.grid", null, h("div.title-row", null, h("h1", null, argument)), nothing(t("record.none")));
  const proof = record.proof;
  return h(
    "div.grid.record-page",
    null,
    h("div.title-row", null, h("h1", null, h("span.note", null, t("record.title")), " ", h("code", null, record.key))),
    card(
      proof.proven ? t("record.proven") : t("record.unproven"),
      { id: "proof" },
      h(
        "p.verdict",
        null,
        h(
          "span.pill",
          { class: proof.proven ? "good" : "warn" },
          proof.proven ? "✓ " : "",
          proof.proven ? t("record.proven") : t("record.unproven"),
        ),
      ),
      h(
        "p",
        null,
        proof.proven
          ? t("record.proven.text", { height: number(proof.height) })
          : t("record.unproven.text", { problem: proof.problem ?? "" }),
      ),
      proof.proven && !proof.present && h("p.note", null, t("record.gone")),
      proof.proven && proof.present && !proof.same && h("p.note", null, t("record.differs")),
      h(
        "dl.facts-grid",
        null,
        fact(t("record.kind"), record.kind || "–"),
        fact(
          t("record.written"),
          record.height > 0 ? h("a", { href: `/#/block/${record.height}` }, number(record.height)) : t("record.genesis"),
        ),
      ),
    ),
    card(
      t("record.check"),
      { id: "check" },
      h("p", null, t("record.check.text")),
      h("pre", { tabindex: 0 }, h("code", null, record.check)),
    ),
    card(
      record.kind || t("record.title"),
      { wide: true, id: "fields" },
      record.problem ? nothing(t("record.unreadable", { problem: record.problem })) : fieldList(record.fields),
    ),
    h(
      "details.figures.card.wide",
      null,
      h("summary", null, t("record.bytes")),
      h("pre", { tabindex: 0 }, h("code", null, record.value ?? "")),
    ),
  );
}

// fieldList shows the fields of a record and what is below them.
export function fieldList(fields) {
  return h(
    "dl.fields",
    null,
    fields.map((field) => [
      h("dt", null, field.name),
      h(
        "dd",
        null,
        (field.below ?? []).length > 0 ? fieldList(field.below) : h("span", null, field.value ?? ""),
        field.omitted > 0 && h("span.note", null, ` … ${t("record.more", { count: number(field.omitted) })}`),
      ),
    ]),
  );
}
