// Charts of a day, drawn as SVG: steps, bars, lines and points over periods.
// Each has a text for screen readers and a table of its figures.

import { h, s } from "./dom.js";
import { clock } from "./format.js";
import { t } from "./words.js";

const margin = { top: 14, right: 14, bottom: 26, left: 52 };

// chart draws series over the periods of a day.
//   title, note: words; unit: of the scale; starts, end: Unix seconds; series: [{name, kind, values, class, sign}]
//   kind is steps, area, bars, thin, line or points; values may hold null.
//   Lines and points stand at the end of a period, or, at: "middle", in it.
//   format(value) makes a figure; now is ledger time or null; floor: least top of the scale.
export function chart({
  id,
  title,
  unit,
  note,
  starts,
  end,
  series,
  format,
  tick,
  now,
  width = 620,
  height = 220,
  floor = 1,
  base = 0,
  top = null,
  table = true,
}) {
  const visible = series.filter((one) => one.values.some((v) => v !== null && v !== undefined));
  const scale = scaleOf(visible, floor, base, top);
  const x = (seconds) => margin.left + ((seconds - starts[0]) / (end - starts[0])) * (width - margin.left - margin.right);
  const y = (value) => margin.top + ((scale.high - value) / (scale.high - scale.low)) * (height - margin.top - margin.bottom);
  const frame = { x, y, starts, end, zero: y(Math.max(scale.low, Math.min(scale.high, 0))), width, height };
  return h(
    "figure.chart",
    { "data-key": id },
    h(
      "figcaption",
      null,
      h("span.chart-title", null, title, unit && h("span.note", null, ` ${unit}`)),
      note && h("span.note", null, note),
      legend(visible),
    ),
    h(
      "div.plot",
      null,
      s(
        "svg",
        {
          viewBox: `0 0 ${width} ${height}`,
          role: "img",
          "aria-label": summary(title, visible, format),
          "data-chart": true,
          data: { starts, end, series: visible, format, left: margin.left / width, right: margin.right / width },
        },
        grid(scale, frame, tick ?? ((value) => format(value).replace(/[\s/].*$/u, ""))),
        hours(frame),
        visible.map((one) => draw(one, frame)),
        nowLine(now, frame),
      ),
    ),
    table && figures(title, visible, starts, format),
  );
}

function legend(series) {
  return h(
    "span.legend",
    null,
    series.map((one) => h("span.legend-entry", null, h(`span.swatch.${one.kind}`, { class: one.class }), one.name)),
  );
}

function summary(title, series, format) {
  const parts = series.map((one) => {
    const values = one.values.filter((v) => v !== null && v !== undefined);
    return `${one.name} ${format(Math.min(...values))} – ${format(Math.max(...values))}`;
  });
  return `${title}: ${parts.join("; ")}`;
}

function scaleOf(series, floor, base, top) {
  const values = series.flatMap((one) => one.values).filter((v) => v !== null && v !== undefined);
  let high = top ?? Math.max(base, floor, ...values);
  let low = Math.min(base, ...values);
  if (low < base) low = Math.min(low, base - floor);
  const step = niceStep((high - low) / 4);
  high = Math.ceil(high / step - 1e-9) * step;
  low = Math.floor(low / step + 1e-9) * step;
  return { low, high: high === low ? low + step : high, step };
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((step) => step >= rough) ?? power * 10;
}

function grid(scale, { y, width }, tick) {
  const lines = [];
  for (let value = scale.low; value <= scale.high + scale.step / 2; value += scale.step) {
    const rounded = Math.abs(value) < scale.step / 1000 ? 0 : value;
    lines.push(
      s("line", {
        class: rounded === 0 ? "axis" : "grid",
        x1: margin.left,
        x2: width - margin.right,
        y1: y(value),
        y2: y(value),
      }),
    );
    lines.push(s("text.tick", { x: margin.left - 8, y: y(value) + 4, "text-anchor": "end" }, tick(rounded)));
  }
  return lines;
}

function hours({ x, starts, end, height, width }) {
  const every = Math.max(1, Math.round(starts.length / (width < 500 ? 4 : 8)));
  const ticks = starts.filter((_, i) => i % every === 0).concat(end);
  return ticks.map((time, i) =>
    s(
      "text.tick",
      {
        x: x(time),
        y: height - 8,
        "text-anchor": i === 0 ? "start" : i === ticks.length - 1 ? "end" : "middle",
      },
      clock(time),
    ),
  );
}

function nowLine(now, { x, starts, end, height }) {
  if (!now || now < starts[0] || now > end) return null;
  return s(
    "g.now",
    null,
    s("rect.ahead", {
      x: x(now),
      y: margin.top,
      width: Math.max(0, x(end) - x(now)),
      height: height - margin.top - margin.bottom,
    }),
    s("line", { x1: x(now), x2: x(now), y1: margin.top, y2: height - margin.bottom }),
  );
}

const round = (value) => Math.round(value * 10) / 10;

function draw(one, frame) {
  const { x, y, starts, end, zero } = frame;
  const edge = (i) => (i < starts.length ? starts[i] : end);
  const place = (i) => (one.at === "middle" ? (x(edge(i)) + x(edge(i + 1))) / 2 : x(edge(i + 1))); // of a point
  const defined = one.values.map((value, i) => ({ value, i })).filter(({ value }) => value !== null && value !== undefined);
  switch (one.kind) {
    case "bars":
    case "thin": {
      const inset = one.kind === "thin" ? 0.3 : 0.1;
      return s(
        "g",
        { class: `mark ${one.kind} ${one.class}` },
        defined
          .filter(({ value }) => value !== 0)
          .map(({ value, i }) => {
            const left = x(edge(i)),
              wide = x(edge(i + 1)) - left;
            return s("rect", {
              x: round(left + wide * inset),
              width: round(wide * (1 - 2 * inset)),
              rx: 2,
              y: round(Math.min(y(value), zero)),
              height: Math.max(1, round(Math.abs(y(value) - zero))),
            });
          }),
      );
    }
    case "points":
      return s(
        "g",
        { class: `mark points ${one.class}` },
        defined.map(({ value, i }) =>
          s("circle", {
            cx: round(place(i)),
            cy: round(y(value)),
            r: 3.2,
          }),
        ),
      );
    case "line":
      return s("path", {
        class: `mark line ${one.class}`,
        d: path(
          defined.map(({ value, i }) => [place(i), y(value)]),
          one.first === undefined ? null : [x(starts[0]), y(one.first)],
        ),
      });
    default: {
      const points = defined.flatMap(({ value, i }) => [
        [x(edge(i)), y(value)],
        [x(edge(i + 1)), y(value)],
      ]);
      const outline = path(points, null);
      if (one.kind !== "area" || points.length === 0) return s("path", { class: `mark steps ${one.class}`, d: outline });
      const closed = `${outline}L${round(points.at(-1)[0])} ${round(zero)}L${round(points[0][0])} ${round(zero)}Z`;
      return s("g", { class: `mark area ${one.class}` }, s("path.fill", { d: closed }), s("path.edge", { d: outline }));
    }
  }
}

function path(points, first) {
  return (first ? [first, ...points] : points).map(([px, py], i) => `${i === 0 ? "M" : "L"}${round(px)} ${round(py)}`).join("");
}

function figures(title, series, starts, format) {
  return h(
    "details.figures",
    null,
    h("summary", null, t("chart.table"), h("span.visually-hidden", null, `: ${title}`)),
    h(
      "div.scroll",
      { tabindex: 0, role: "region", "aria-label": title },
      h(
        "table",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, t("chart.period")),
            series.map((one) => h("th.number", { scope: "col" }, one.name)),
          ),
        ),
        h(
          "tbody",
          null,
          starts.map((start, i) =>
            h(
              "tr",
              null,
              h("th", { scope: "row" }, clock(start)),
              series.map((one) =>
                h("td.number", null, one.values[i] === null || one.values[i] === undefined ? "–" : format(one.values[i])),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

// watchCharts shows the figures under the pointer.
export function watchCharts(root) {
  const tip = h("div.tip", { "aria-hidden": "true" });
  document.body.append(tip);
  root.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("svg[data-chart]");
    if (!svg?.shown) return void tip.classList.remove("shown");
    const box = svg.getBoundingClientRect();
    const { starts, end, series, format, left, right } = svg.shown;
    const share = ((event.clientX - box.left) / box.width - left) / (1 - left - right);
    const time = starts[0] + share * (end - starts[0]);
    const period = starts.findLastIndex((start) => start <= time);
    if (period < 0 || time > end) return void tip.classList.remove("shown");
    tip.replaceChildren(
      h("strong", null, `${clock(starts[period])} – ${clock(starts[period + 1] ?? end)}`),
      ...series
        .filter((one) => one.values[period] !== null && one.values[period] !== undefined)
        .map((one) =>
          h("div", null, h(`span.swatch.${one.kind}`, { class: one.class }), `${one.name}: ${format(one.values[period])}`),
        ),
    );
    tip.classList.add("shown");
    const wide = tip.offsetWidth;
    tip.style.left = `${Math.min(window.innerWidth - wide - 8, Math.max(8, event.clientX + 14))}px`;
    tip.style.top = `${event.clientY + window.scrollY + 16}px`;
  });
  root.addEventListener("pointerleave", () => tip.classList.remove("shown"));
}
