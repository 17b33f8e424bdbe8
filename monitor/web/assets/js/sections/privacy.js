// Privacy: what has ever been opened, and one sealed series as everybody sees
// it beside its owner's.

import { chart } from "../chart.js";
import { h } from "../dom.js";
import { clock, dateOf, money, number, power, short } from "../format.js";
import { card, dayAddress, dayNumber, dayPicker, nothing, recordLink, table } from "../parts.js";
import { known, t } from "../words.js";
import * as disclosed from "./disclosed.js";

export function needs(state) {
  const park = chosenPark(state);
  const day = dayAddress(state, dayNumber(state));
  return {
    openings: "/api/openings?limit=20",
    releases: "/api/releases?limit=20",
    sealed: `/api/sealed/${dayNumber(state)}`,
    day,
    ...(day !== null && state.status.own_parks.includes(park)
      ? { own: `/api/own/${encodeURIComponent(park)}/${dayNumber(state)}` }
      : {}),
  };
}

// more is what the answers to needs make necessary.
export const more = (state, { releases }) => disclosed.needs(state, Array.isArray(releases) ? releases : []);

const chosenPark = (state) => state.chosen.park ?? state.status.own_parks[0] ?? state.status.parks[0]?.name ?? "";

export function render(state, data) {
  const { openings, releases, sealed, day, own } = data;
  return h(
    "div.grid.privacy",
    null,
    h("div.title-row", null, h("h1", null, t("nav.privacy")), dayPicker(state)),
    sealedCard(state, sealed ?? [], day, own),
    card(
      t("privacy.title"),
      { id: "openings", wide: true, note: t("privacy.note") },
      singles(releases ?? [], state, data),
      (openings ?? []).length === 0 ? nothing(t("privacy.none")) : groups(openings).map((group) => opened(group, state)),
    ),
  );
}

// singles are the openings of one park alone, each with all that led to it.
function singles(releases, state, data) {
  const count = releases.filter((one) => one.granted > 0).length;
  const words = count === 0 ? t("privacy.single") : t("privacy.singles", { count });
  return [
    h(
      "p.verdict",
      null,
      h("span.pill", { class: count === 0 ? "good" : "warn" }, words),
      " ",
      count === 0 && t("privacy.single.note"),
    ),
    state.status.consent && h("p.note", null, t("privacy.consent", { parks: state.status.parks.length })),
    releases.map((one) => release(one, state, data)),
  ];
}

function release(one, state, data) {
  const facts = {
    park: one.park,
    date: dateOf(one.date),
    series: t(one.series === "reading" ? "series.reading" : "series.forecast"),
    parts: (one.parts ?? []).map(seriesWords).join(", "),
  };
  const opened = one.phase === "opened";
  const asked = t("release.asked", { requester: one.requester, reason: one.reason });
  return h(
    "article.opening",
    { "data-key": one.id },
    h(
      "h3",
      null,
      t(one.kind === "bill" ? "release.bill" : "release.disclosure", facts),
      " ",
      h("span.pill", { class: opened ? "warn" : null }, known(`phase.${one.phase}`) ? t(`phase.${one.phase}`) : one.phase),
      " ",
      recordLink(one.record),
    ),
    h("p", null, asked),
    h(
      "p.note",
      null,
      opened && one.members.length > 0 && t("release.members", { members: one.members.join(", ") }),
      one.wrong.length > 0 && ` · ${t("release.wrong", { members: one.wrong.join(", ") })}`,
      one.outcome && ` · ${one.outcome}`,
    ),
    one.opened && disclosed.figures(one, state, data, seriesWords),
  );
}

function groups(openings) {
  const byRound = new Map();
  for (const one of openings) byRound.set(one.round, [...(byRound.get(one.round) ?? []), one]);
  return [...byRound.values()];
}

function opened(group) {
  const [first] = group;
  const done = group.every((one) => one.value !== null);
  const words = t(done ? "privacy.group" : "privacy.waiting", {
    count: group.length,
    parks: first.parks.join(" + "),
    members: (first.members ?? []).join(", "),
  });
  const kinds = [...new Set(group.map((one) => one.kind))];
  return h(
    "article.opening",
    { "data-key": first.round },
    h(
      "h3",
      null,
      t(first.series === "reading" ? "round.reading" : "round.forecast", { date: dateOf(first.date) }),
      " ",
      recordLink(first.record),
    ),
    h("p", null, words),
    h(
      "p.chips",
      null,
      kinds.map((kind) => h("span.pill", null, `${group.filter((one) => one.kind === kind).length} × ${purpose(kind)}`)),
    ),
    h(
      "details.figures",
      null,
      h("summary", null, t("privacy.list")),
      table(
        [
          { title: t("privacy.purpose") },
          { title: t("privacy.period"), number: true },
          { title: t("privacy.value"), number: true },
          { title: t("privacy.id") },
        ],
        group.map((one) => [
          purpose(one.kind),
          one.period < 0 ? "–" : number(one.period + 1),
          one.value === null ? "–" : one.period < 0 ? money(one.value) : power(one.value),
          h("code", null, short(one.id, 14)),
        ]),
        { caption: t("privacy.title") },
      ),
    ),
  );
}

const purpose = (kind) => (known(`purpose.${kind}`) ? t(`purpose.${kind}`) : kind);

function sealedCard(state, sealed, day, own) {
  const park = chosenPark(state);
  const parks = [...new Set(sealed.map((one) => one.park))];
  const options = sealed
    .filter((one) => one.park === park)
    .flatMap((one) => one.parts.map((part) => ({ one, part, name: `${one.kind}/${part.series}` })));
  const picked =
    options.find(({ name }) => name === state.chosen.series) ??
    options.find(({ name }) => name === "forecast/load") ??
    options[0];
  const note = t("privacy.sealed.note", { threshold: state.status.threshold });
  if (!picked)
    return card(t("privacy.sealed"), { id: "sealed", wide: true, note }, choices(parks, park), nothing(t("privacy.sealed.none")));
  return card(
    t("privacy.sealed"),
    { id: "sealed", wide: true, note, record: picked.one.record },
    choices(parks, park, options, picked),
    h(
      "div.pair",
      null,
      h(
        "div",
        null,
        h("h3", null, t("privacy.everyone")),
        noise(picked.part, state),
        h("p.note", null, t("privacy.bytes", { bytes: number(picked.part.bytes) })),
        h("code.hex", null, picked.part.head),
      ),
      h("div", null, h("h3", null, t("privacy.owner")), truth(state, day, own, picked)),
    ),
  );
}

function choices(parks, park, options = [], picked) {
  return h(
    "div.choices",
    null,
    h(
      "label",
      null,
      t("privacy.park"),
      " ",
      h(
        "select",
        { "data-name": "park" },
        parks.map((name) => h("option", { value: name, selected: name === park }, name)),
      ),
    ),
    options.length > 0 &&
      h(
        "label",
        null,
        t("privacy.series"),
        " ",
        h(
          "select",
          { "data-name": "series" },
          options.map(({ name, one, part }) =>
            h(
              "option",
              { value: name, selected: name === picked.name },
              `${t(`series.${one.kind}`)}: ${seriesWords(part.series)}`,
            ),
          ),
        ),
      ),
  );
}

const seriesWords = (series) =>
  ({ load: t("own.load"), pv: t("own.pv"), wind: t("own.wind"), surplus: t("chart.surplus"), deficit: t("chart.deficit") })[
    series
  ] ?? series;

function noise(part, state) {
  const starts = part.curve.map((_, i) => i * 1800);
  if (starts.length === 0) return null;
  return plainChart({
    id: "sealed-noise",
    title: t("privacy.noise"),
    starts,
    end: starts.length * 1800,
    values: part.curve,
    class: "c-grid",
    state,
    format: (value) => `${number(value)} `,
  });
}

// plainChart is a chart whose time axis says nothing: sealed bytes have no hours.
function plainChart({ id, title, starts, end, values, state, format, class: kind }) {
  const figure = chart({
    id,
    title,
    starts,
    end,
    now: null,
    width: state.narrow ? 380 : 560,
    height: 220,
    format,
    table: false,
    series: [{ name: title, kind: "steps", class: kind, values }],
  });
  for (const tick of figure.querySelectorAll("text.tick[text-anchor]:not([text-anchor=end]), text.tick:last-of-type"))
    tick.remove();
  return figure;
}

function truth(state, day, own, { one, part }) {
  const series = own?.[one.kind]?.[part.series];
  if (!series || !day || series.length !== day.starts.length) return nothing(t("privacy.owner.none"));
  return [
    chart({
      id: "sealed-truth",
      title: t("privacy.truth"),
      unit: "kW",
      starts: day.starts,
      end: day.end,
      now: null,
      width: state.narrow ? 380 : 560,
      height: 220,
      format: power,
      table: false,
      series: [{ name: seriesWords(part.series), kind: "area", class: "c-storage", values: series }],
    }),
    h("p.note", null, t("own.note"), ` · ${clock(day.starts[0])}–${clock(day.end)}`),
  ];
}
