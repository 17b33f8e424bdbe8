// One block: who proposed it, what it carried, which records it changed.

import { h } from "../dom.js";
import { dayAndClock, number } from "../format.js";
import { card, fact, nothing, recordLink } from "../parts.js";
import { t } from "../words.js";
import { transactionList } from "./ledger.js";

export const needs = ({ argument }) => ({ block: `/api/block/${encodeURIComponent(argument)}` });

export function render({ status }, { block }) {
  if (!block) return nothing(t("block.none"));
  const proposer = status.members.find((one) => one.address === block.proposer)?.name ?? block.proposer;
  const step = (height, sign) =>
    height >= 1 && height <= status.height
      ? h("a.step", { href: `/#/block/${height}`, "aria-label": t("block.title", { height: number(height) }) }, sign)
      : null;
  return h(
    "div.grid",
    null,
    h(
      "div.title-row",
      null,
      h("h1", null, t("block.title", { height: number(block.height) })),
      h("div.daypicker", null, step(block.height - 1, "‹"), step(block.height + 1, "›")),
    ),
    card(
      t("block.title", { height: number(block.height) }),
      { wide: true },
      h(
        "dl.facts-grid",
        null,
        fact(t("blocks.time"), dayAndClock(block.ledger_time)),
        fact(t("block.time"), new Date(block.block_time).toISOString()),
        fact(t("blocks.proposer"), proposer),
        fact(t("block.hash"), h("code", null, block.hash)),
        fact(t("block.apphash"), h("code", null, block.app_hash)),
      ),
    ),
    card(t("transactions.title"), {}, block.sent.length === 0 ? nothing(t("block.empty")) : transactionList(block.sent)),
    card(
      t("block.changed"),
      {},
      h(
        "ul.plain.keys",
        null,
        block.changed.map((one) =>
          h("li", null, recordLink(one.key, one.key), one.deleted && h("span.note", null, ` ${t("block.deleted")}`)),
        ),
      ),
    ),
  );
}
