// The ledger: committee, rounds, votes, blocks and transactions.

import { h } from "../dom.js";
import { clock, dateOf, dayAndClock, number } from "../format.js";
import { stateOf } from "../frame.js";
import { card, nothing, recordLink, say, table } from "../parts.js";
import { known, t } from "../words.js";

export const needs = () => ({
  blocks: "/api/blocks?limit=20",
  transactions: "/api/transactions?limit=20",
  rounds: "/api/rounds?limit=6",
  proposals: "/api/proposals?limit=20",
});

export function render(state, { blocks, transactions, rounds, proposals }) {
  return h(
    "div.grid.ledger",
    null,
    h("div.title-row", null, h("h1", null, t("nav.ledger")), search()),
    committee(state.status),
    votes(proposals ?? []),
    card(
      t("rounds.title"),
      { id: "rounds", wide: true },
      (rounds ?? []).length === 0 ? nothing(t("rounds.none")) : h("div.rounds", null, rounds.map(round)),
    ),
    blockList(state.status, blocks ?? []),
    card(t("transactions.title"), { id: "transactions" }, transactionList(transactions ?? [])),
  );
}

function search() {
  return h(
    "div.search",
    { role: "search" },
    h(
      "label",
      null,
      h("span.visually-hidden", null, t("search.label")),
      h("input", {
        type: "search",
        "data-search": true,
        placeholder: t("search.hint"),
        autocomplete: "off",
        spellcheck: "false",
        maxlength: 400,
      }),
    ),
    h("button", { type: "button", "data-action": "search" }, t("search.go")),
  );
}

// placeOf is where what somebody looks for is: a height, a hash or a key.
export function placeOf(text) {
  const sought = text.trim();
  if (/^\d+$/u.test(sought)) return `/#/block/${sought}`;
  if (/^[0-9a-fA-F]{64}$/u.test(sought)) return `/#/transaction/${sought.toLowerCase()}`;
  return sought === "" ? null : `/record?key=${encodeURIComponent(sought)}`;
}

function committee(status) {
  const note = t("committee.note", { threshold: status.threshold, members: status.members.length });
  const columns = [
    { title: "" },
    { title: t("committee.name") },
    { title: t("committee.owner") },
    { title: t("committee.health") },
    { title: t("committee.proposed"), number: true },
    { title: "" },
  ];
  return card(
    t("committee.title"),
    { id: "committee", note, record: status.record },
    table(
      columns,
      status.members.map((one) => [
        h("span.dot", { class: stateOf(one), "aria-hidden": "true" }, String(one.index)),
        h("strong", null, one.name),
        one.owner,
        h(
          "span.pill",
          { class: { present: "good", proposes: "good", slow: "warn" }[stateOf(one)] ?? "bad" },
          t(`member.${stateOf(one) === "proposes" ? "present" : stateOf(one)}`, { missed: one.missed }),
        ),
        one.last_proposed > 0 ? h("a", { href: `/#/block/${one.last_proposed}` }, number(one.last_proposed)) : "–",
        recordLink(one.record),
      ]),
      { caption: t("committee.title") },
    ),
  );
}

function votes(proposals) {
  return card(
    t("votes.title"),
    { id: "votes" },
    proposals.length === 0
      ? nothing(t("votes.none"))
      : h(
          "ul.plain",
          null,
          proposals.map((one) =>
            h(
              "li",
              { "data-key": String(one.id) },
              h("strong", null, `${one.action} ${one.subject}`),
              " ",
              h("span.pill", null, one.state),
              " ",
              t("votes.tally", { approved: (one.approved ?? []).length, rejected: (one.rejected ?? []).length }),
              " ",
              h("span.note", null, `${one.proposer}: ${one.reason}`),
              " ",
              recordLink(one.record),
            ),
          ),
        ),
  );
}

function round(one) {
  const failed = one.phase === "failed";
  const ends = [
    ["gate", one.started],
    ["freeze", one.frozen],
    [failed ? "failed" : "opened", one.closed],
  ];
  const title = t(one.kind === "reading" ? "round.reading" : "round.forecast", { date: dateOf(one.date) });
  return h(
    "article.round",
    { "data-key": one.id, "aria-label": title },
    h(
      "header",
      null,
      h("h3", null, title),
      h("span.note", null, t("round.number", { number: one.number })),
      h(
        "span.pill",
        { class: failed ? "bad" : one.phase === "opened" ? "good" : "warn" },
        known(`phase.${one.phase}`) ? t(`phase.${one.phase}`) : one.phase,
      ),
      recordLink(one.record),
    ),
    h(
      "ol.phases",
      null,
      ends.map(([name, height]) =>
        h(
          "li",
          { class: height > 0 ? (name === "failed" ? "bad" : "done") : "ahead" },
          t(`round.step.${name}`),
          " ",
          height > 0 ? h("a", { href: `/#/block/${height}` }, number(height)) : "–",
        ),
      ),
    ),
    h(
      "div.scroll",
      { tabindex: 0, role: "region", "aria-label": title },
      h(
        "table.matrix",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", null),
            one.members.map((m) =>
              h(
                "th",
                { scope: "col", title: m.name },
                h("span", { "aria-hidden": "true" }, String(m.index)),
                h("span.visually-hidden", null, m.name),
              ),
            ),
          ),
        ),
        h(
          "tbody",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "row" }, t("rounds.acknowledged")),
            one.members.map((m) => h("td", null, checked(m))),
          ),
          h(
            "tr",
            null,
            h("th", { scope: "row" }, t("rounds.partials")),
            one.members.map((m) => h("td", null, partial(m))),
          ),
        ),
      ),
    ),
    h(
      "p.note",
      null,
      t("round.parks", { parks: (one.parks.length > 0 ? one.parks : one.candidates).join(", ") || "–" }),
      (one.refused ?? []).length > 0 && ` · ${t("round.refused", { parks: one.refused.join(", ") })}`,
      one.reason && ` · ${one.reason}`,
    ),
  );
}

function checked(member) {
  if (member.unfounded) return mark("bad", "✗", t("share.unfounded"));
  return member.acknowledged ? mark("good", "✓", t("share.checked")) : mark("none", "·", t("partial.none"));
}

function partial(member) {
  if (member.partial === "right") return mark("good", "✓", t("partial.right"));
  if (member.partial === "wrong") return mark("bad", "✗", t("partial.wrong"));
  return mark("none", "·", t("partial.waiting"));
}

const mark = (kind, sign, words) =>
  h(
    "span.mark-cell",
    { class: kind, title: words },
    h("span", { "aria-hidden": "true" }, sign),
    h("span.visually-hidden", null, words),
  );

function blockList(status, blocks) {
  const names = new Map(status.members.map((one) => [one.address, one]));
  const columns = [
    { title: t("blocks.height"), number: true },
    { title: t("blocks.time") },
    { title: t("blocks.proposer") },
    { title: t("blocks.transactions"), number: true },
    { title: t("blocks.changes"), number: true },
  ];
  return card(
    t("blocks.title"),
    { id: "blocks" },
    table(
      columns,
      blocks.map((one) => [
        h("a", { href: `/#/block/${one.height}` }, number(one.height)),
        dayAndClock(one.ledger_time),
        names.get(one.proposer)?.name ?? one.proposer.slice(0, 10),
        one.transactions || "–",
        one.changes || "–",
      ]),
      { caption: t("blocks.title") },
    ),
  );
}

export function transactionList(transactions) {
  if (transactions.length === 0) return nothing(t("transactions.none"));
  return h(
    "ol.events",
    null,
    transactions.map((one) =>
      h(
        "li",
        { "data-key": one.hash, class: one.code === 0 ? null : "refused" },
        h("time", null, clock(one.ledger_time)),
        h("a", { href: `/#/transaction/${one.hash}` }, say(one)),
        one.code !== 0 && h("span.note", null, t("transaction.refused", { log: one.log })),
      ),
    ),
  );
}
