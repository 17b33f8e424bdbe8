// One transaction: who asked for what, and what became of it.

import { h } from "../dom.js";
import { dayAndClock, number } from "../format.js";
import { card, fact, nothing, say } from "../parts.js";
import { t } from "../words.js";
import { fieldList } from "./record.js";

export const needs = ({ argument }) => ({ sent: `/api/transaction/${encodeURIComponent(argument)}` });

export function render(_, { sent }) {
  if (!sent) return nothing(t("transaction.none"));
  return h(
    "div.grid",
    null,
    h("div.title-row", null, h("h1", null, say(sent))),
    card(
      t("transaction.title"),
      { wide: true },
      h(
        "dl.facts-grid",
        null,
        fact(t("transaction.sender"), sent.sender || "–"),
        fact(t("transaction.kind"), sent.kind || "–"),
        fact(
          t("transaction.outcome"),
          h(
            "span.pill",
            { class: sent.code === 0 ? "good" : "bad" },
            sent.code === 0 ? t("transaction.accepted") : t("transaction.refused", { log: sent.log }),
          ),
        ),
        fact(t("header.block"), h("a", { href: `/#/block/${sent.height}` }, number(sent.height))),
        fact(t("blocks.time"), dayAndClock(sent.ledger_time)),
        fact(t("transaction.valid"), number(sent.valid_until)),
        fact(t("transaction.size"), t("plan.bytes.value", { bytes: number(sent.size) })),
        fact(t("block.hash"), h("code", null, sent.hash)),
        fact(t("transaction.signature"), h("code", null, sent.signature)),
      ),
    ),
    sent.fields.length > 0 && card(t("transaction.body"), { wide: true }, fieldList(sent.fields)),
  );
}
