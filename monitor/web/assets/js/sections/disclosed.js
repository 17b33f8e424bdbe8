// A disclosed series as the paper's Figure 10 shows it: what each member held
// of it, curves that say nothing, and what enough of them find, beside what the
// owner itself knows, where its own node is on this machine.

import { chart } from "../chart.js";
import { h } from "../dom.js";
import { number, power } from "../format.js";
import { dayAddress, nothing } from "../parts.js";
import { t } from "../words.js";

// colours of members; more members than that take them in turns.
const colours = ["c-grid", "c-deficit", "c-surplus", "c-plan", "c-other"];

// drawn bounds the members whose curves are drawn.
const drawn = 10;

const ownOf = (one) => `own/${one.park}/${one.day}`;
const dayOf = (one) => `day/${one.day}`;

// needs is what the figures of these disclosures are drawn with: the day's
// hours, and the owner's own series.
export function needs(state, releases) {
  const asked = {};
  for (const one of releases.filter(({ opened }) => opened)) {
    const day = dayAddress(state, one.day);
    if (day !== null) asked[dayOf(one)] = day;
    if (state.status.own_parks.includes(one.park)) asked[ownOf(one)] = `/api/own/${encodeURIComponent(one.park)}/${one.day}`;
  }
  return asked;
}

// figures are one row of two charts for each series that was opened.
export function figures(one, state, data, words) {
  return Object.entries(one.opened).map(([series, values]) => {
    const day = data[dayOf(one)];
    const hours = day?.starts?.length === values.length ? day : hoursOf(values);
    const own = data[ownOf(one)]?.[one.series]?.[series];
    const view = { one, series, values, hours, own, state, words: words(series), shares: one.shares?.[series] ?? [] };
    return h("div.pair", { "data-key": `${one.id}/${series}` }, h("div", null, shares(view)), h("div", null, curve(view)));
  });
}

// hoursOf stands in for a day of which there is no tariff.
const hoursOf = (values) => ({ starts: values.map((_, i) => i * 3600), end: values.length * 3600 });

function shares(view) {
  const { one, series, hours, state, words } = view;
  if (view.shares.length === 0) return nothing(t("disclosed.erased"));
  return [
    chart({
      id: `${one.id}/${series}/shares`,
      title: t("disclosed.shares", { series: words }),
      starts: hours.starts,
      end: hours.end,
      now: null,
      width: state.narrow ? 380 : 560,
      height: 220,
      top: 1,
      format: (height) => number(height, 3, 3),
      tick: (height) => number(height, 2),
      series: view.shares.slice(0, drawn).map(({ member, heights }, i) => ({
        name: member,
        kind: "line",
        class: colours[i % colours.length],
        values: heights,
        at: "middle",
      })),
    }),
    h("p.note", null, t("disclosed.shares.note", { threshold: state.status.threshold })),
  ];
}

function curve({ one, series, values, hours, own, state, words, shares: held }) {
  const known = Array.isArray(own) && own.length === values.length;
  const anyOf = held.length === 0 ? t("disclosed.opened") : t("disclosed.any", { threshold: state.status.threshold, members: held.length });
  return [
    chart({
      id: `${one.id}/${series}/opened`,
      title: words,
      unit: "kW",
      starts: hours.starts,
      end: hours.end,
      now: null,
      width: state.narrow ? 380 : 560,
      height: 220,
      format: power,
      series: [
        known && { name: t("disclosed.owner"), kind: "area", class: "c-storage", values: own },
        { name: anyOf, kind: known ? "points" : "steps", at: "middle", class: "c-opened", values },
      ].filter(Boolean),
    }),
    h(
      "p.note",
      null,
      one.subsets > 0 && t("disclosed.subsets", { subsets: one.subsets, threshold: state.status.threshold }),
      known &&
        ` ${t(own.every((value, i) => value === values[i]) ? "disclosed.same" : "disclosed.differs")} ${t("own.note")}`,
    ),
  ];
}
