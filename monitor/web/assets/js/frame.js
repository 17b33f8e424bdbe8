// What stands around every section: header, notices, footer.

import { h, s, show } from "./dom.js";
import { clockSeconds, weekday, number } from "./format.js";
import { language, t } from "./words.js";

const tabs = ["today", "plan", "contracts", "ledger", "privacy", "alerts"];

// stillAfter is how long without a block the ledger is said to stand still.
const stillAfter = 20;

export function frame(state, now) {
  show(document.getElementById("header"), brand(), facts(state, now), controls(), navigation(state));
  show(document.getElementById("notice"), notices(state));
  show(
    document.getElementById("footer"),
    h(
      "p",
      null,
      t("footer.text"),
      " ",
      h("a", { href: "/api/status" }, t("footer.api")),
      " · ",
      h("a", { href: "/metrics" }, t("footer.metrics")),
    ),
  );
  const open = state.status?.open_alerts ?? 0;
  document.title = `${open > 0 ? `(${open}) ` : ""}${t(`nav.${tabs.includes(state.route) ? state.route : "ledger"}`)} · Sesame`;
}

function brand() {
  return h(
    "a.brand",
    { href: "/#/today" },
    s(
      "svg",
      { viewBox: "0 0 32 32", "aria-hidden": "true" },
      s("path.seed", { d: "M16 2c6 6.500 9 11.500 9 17a9 9 0 0 1-18 0c0-5.500 3-10.500 9-17z" }),
      s("path.bolt", { d: "M17.600 11 12.200 19.400h3.600L14.400 26l6-8.800h-3.800z" }),
    ),
    h("span", null, h("strong", null, "Sesame"), h("small", null, t("app.tagline"))),
  );
}

function facts({ status }, now) {
  if (!status) return h("div.facts", null);
  return h(
    "dl.facts",
    null,
    h(
      "div",
      null,
      h("dt", null, t("header.block")),
      h(
        "dd",
        { id: "height" },
        h("a", { href: `/#/block/${status.height}` }, number(status.height)),
        h("span.chain", null, status.chain),
      ),
    ),
    h(
      "div",
      null,
      h("dt", null, t("header.time")),
      h(
        "dd",
        { id: "ledger-time" },
        now === null ? "–" : [h("span", null, clockSeconds(now)), h("span.chain", null, weekday(now))],
      ),
    ),
    h("div", null, h("dt", null, t("header.committee")), h("dd.members", { id: "members" }, status.members.map(member))),
  );
}

// stateOf says how a member does: removed, absent, slow, proposes or present.
export function stateOf(one) {
  if (one.removed) return "removed";
  if (one.absent) return "absent";
  if (one.missed > 1) return "slow";
  return one.proposes ? "proposes" : "present";
}

function member(one) {
  const words = t("header.member", {
    name: one.name,
    owner: one.owner,
    state: t(`member.${stateOf(one)}`, { missed: one.missed }),
  });
  return h(
    "a.dot",
    { "data-key": one.name, class: stateOf(one), href: "/#/ledger", title: words, "aria-label": words },
    String(one.index),
  );
}

function controls() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : window.matchMedia("(prefers-color-scheme: dark)").matches;
  return h(
    "div.controls",
    null,
    h(
      "button",
      {
        type: "button",
        "data-action": "language",
        "data-value": language() === "en" ? "zh" : "en",
        lang: language() === "en" ? "zh" : "en",
        "aria-label": t("header.language.label"),
      },
      t("header.language"),
    ),
    h(
      "button",
      { type: "button", "data-action": "theme", "data-value": dark ? "light" : "dark", "aria-label": t("header.theme.label") },
      t(dark ? "header.light" : "header.dark"),
    ),
  );
}

function navigation({ route, status }) {
  const open = status?.open_alerts ?? 0;
  return h(
    "nav",
    { "aria-label": t("nav.label") },
    tabs.map((tab) =>
      h(
        "a",
        { href: `/#/${tab}`, "aria-current": tab === route ? "page" : null },
        t(`nav.${tab}`),
        tab === "alerts" && open > 0 && h("span.badge", null, String(open)),
      ),
    ),
  );
}

function notices({ status, connected, arrived, news }) {
  const listed = [];
  if (!connected) listed.push(h("p.warn", { "data-key": "offline" }, t("notice.offline")));
  if (status && status.height === 0) listed.push(h("p.info", { "data-key": "empty" }, t("notice.empty")));
  const seconds = (performance.now() - arrived) / 1000;
  const still = connected && news && seconds > stillAfter;
  if (still) {
    listed.push(h("p.bad", { "data-key": "still" }, t("notice.still", { seconds: Math.floor(seconds / 10) * 10 })));
  }
  const absent = (status?.members ?? []).filter((one) => one.absent && !one.removed).map((one) => one.name);
  if (absent.length > 0) {
    listed.push(
      h(
        "p.bad",
        { "data-key": "absent" },
        h("a", { href: "/#/alerts" }, t(still ? "notice.absent.still" : "notice.absent", { members: absent.join(", ") })),
      ),
    );
  }
  return listed;
}
