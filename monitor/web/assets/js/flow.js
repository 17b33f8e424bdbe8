// The power flow: surplus on the left, demand on the right, grid above,
// storage below. Only sums over all parks are known, so only they flow.

import { h, s } from "./dom.js";
import { energy, number, power } from "./format.js";
import { t } from "./words.js";

const wide = {
  box: [760, 430],
  surplus: [118, 215],
  deficit: [642, 215],
  grid: [380, 62],
  storage: [380, 366],
  size: [196, 104],
  middle: [200, 104],
};
const narrow = {
  box: [380, 580],
  surplus: [84, 290],
  deficit: [296, 290],
  grid: [190, 62],
  storage: [190, 518],
  size: [152, 104],
  middle: [180, 104],
};

// flow draws the powers of one moment, W:
// {surplus, deficit, taken, served, gridCharge, gridSale, energy, capacity, charge, discharge}
export function flow(now, { isNarrow, parks }) {
  const layout = isNarrow ? narrow : wide;
  const sold = now.surplus - now.taken;
  const bought = now.deficit - now.served;
  const net = bought + now.gridCharge - sold - now.gridSale;
  const arcs = [
    { id: "sold", from: "surplus", to: "grid", power: sold, class: "c-surplus" },
    { id: "bought", from: "grid", to: "deficit", power: bought, class: "c-grid" },
    { id: "taken", from: "surplus", to: "storage", power: now.taken, class: "c-surplus" },
    { id: "served", from: "storage", to: "deficit", power: now.served, class: "c-storage" },
    { id: "grid-charge", from: "grid", to: "storage", power: now.gridCharge, class: "c-grid", shift: 16 },
    { id: "grid-sale", from: "storage", to: "grid", power: now.gridSale, class: "c-storage", shift: -16 },
  ];
  const most = Math.max(200_000, ...arcs.map((arc) => arc.power));
  const text = t("flow.text", {
    surplus: power(now.surplus),
    deficit: power(now.deficit),
    taken: power(now.taken),
    bought: power(now.gridCharge),
    served: power(now.served),
    sold: power(now.gridSale),
  });
  return h(
    "div.flow",
    { class: isNarrow ? "narrow" : null },
    s(
      "svg",
      { viewBox: `0 0 ${layout.box[0]} ${layout.box[1]}`, role: "img", "aria-label": text },
      arcs.map((arc) => drawArc(arc, layout, most)),
      node("surplus", layout, t("flow.surplus"), power(now.surplus), t("flow.parks", { count: parks }), sunIcon),
      node("deficit", layout, t("flow.deficit"), power(now.deficit), t("flow.parks", { count: parks }), factoryIcon),
      node(
        "grid",
        layout,
        t("flow.grid"),
        net === 0 ? t("flow.balanced") : t(net > 0 ? "flow.import" : "flow.export", { power: power(Math.abs(net)) }),
        "",
        pylonIcon,
      ),
      node("storage", layout, t("flow.storage"), storageWords(now), stateOfCharge(now), (x, y) => batteryIcon(x, y, now)),
      arcs.map((arc) => label(arc, layout)),
    ),
  );
}

function storageWords(now) {
  if (now.charge > 0) return t("flow.charging", { power: power(now.charge) });
  if (now.discharge > 0) return t("flow.discharging", { power: power(now.discharge) });
  return t("flow.resting");
}

function stateOfCharge(now) {
  if (now.energy === null) return "";
  return `${energy(now.energy)} · ${number((100 * now.energy) / now.capacity)} %`;
}

// curve gives the path from the edge of one node to the edge of another, and
// its middle.
function curve(arc, layout) {
  const [x1, y1] = layout[arc.from],
    [x2, y2] = layout[arc.to],
    shift = arc.shift ?? 0;
  const half = layout.size[1] / 2;
  const direction = Math.sign(y2 - y1);
  if (arc.shift !== undefined) {
    const a = [x1 + shift, y1 + direction * half],
      b = [x2 + shift, y2 - direction * half];
    return { d: `M${a[0]} ${a[1]}L${b[0]} ${b[1]}`, middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + direction * 26] };
  }
  const outer = arc.from === "surplus" ? [x1, y1 + direction * half] : [x2, y2 - direction * half];
  const inner = arc.from === "surplus" ? [x2 - layout.middle[0] / 2, y2] : [x1 + layout.middle[0] / 2, y1];
  const [start, end] = arc.from === "surplus" ? [outer, inner] : [inner, outer];
  const corner = [outer[0], inner[1]];
  const d = `M${start[0]} ${start[1]}Q${corner[0]} ${corner[1]} ${end[0]} ${end[1]}`;
  const middle = [0.25 * start[0] + 0.5 * corner[0] + 0.25 * end[0], 0.25 * start[1] + 0.5 * corner[1] + 0.25 * end[1]];
  return { d, middle: layout === narrow ? [outer[0], 0.6 * outer[1] + 0.4 * inner[1]] : middle };
}

function drawArc(arc, layout, most) {
  const { d } = curve(arc, layout);
  const active = arc.power > 0;
  const width = active ? 3 + 13 * Math.sqrt(arc.power / most) : 2;
  return s(
    "g",
    { "data-key": arc.id, class: `arc ${arc.class} ${active ? "active" : "idle"}` },
    s("path.track", { d, "stroke-width": Math.round(width * 10) / 10 }),
    active &&
      s("path.pulse", {
        d,
        "stroke-width": Math.max(2.5, Math.round(width * 4) / 10),
        class: `speed-${Math.min(3, Math.floor((arc.power / most) * 4))}`,
      }),
  );
}

function label(arc, layout) {
  if (arc.power <= 0) return null;
  const { middle } = curve(arc, layout);
  const words = power(arc.power);
  const wideness = words.length * 7.6 + 16;
  return s(
    "g.arc-label",
    { "data-key": `label-${arc.id}` },
    s("rect", { x: middle[0] - wideness / 2, y: middle[1] - 13, width: wideness, height: 26, rx: 13 }),
    s("text", { x: middle[0], y: middle[1] + 5, "text-anchor": "middle" }, words),
  );
}

function node(name, layout, title, figure, note, icon) {
  const [x, y] = layout[name],
    [w, tall] = name === "grid" || name === "storage" ? layout.middle : layout.size;
  return s(
    "g.node",
    { "data-key": name, class: `c-${name}` },
    s("rect", { x: x - w / 2, y: y - tall / 2, width: w, height: tall, rx: 18 }),
    icon(x - w / 2 + 14, y - tall / 2 + 13),
    s("text.node-title", { x: x - w / 2 + 50, y: y - tall / 2 + 33 }, title),
    s("text.node-figure", { x: x - w / 2 + 16, y: y - tall / 2 + 68, class: sizeOf(figure, layout) }, figure),
    note && s("text.node-note", { x: x - w / 2 + 16, y: y - tall / 2 + 89 }, note),
  );
}

// sizeOf keeps a figure within its node; Chinese letters are twice as wide.
function sizeOf(figure, layout) {
  const length = [...figure].reduce((sum, letter) => sum + (letter > "\u2e80" ? 1.9 : 1), 0);
  if (length > (layout === narrow ? 13 : 16)) return "longer";
  return length > (layout === narrow ? 10 : 12) ? "long" : "";
}

const sunIcon = (x, y) =>
  s(
    "g.icon",
    { transform: `translate(${x} ${y})` },
    s("circle", { cx: 14, cy: 14, r: 5.5 }),
    s("path", { d: "M14 2v4M14 22v4M2 14h4M22 14h4M5.5 5.500l3 3M19.500 19.500l3 3M5.500 22.500l3-3M19.500 8.500l3-3" }),
  );

const factoryIcon = (x, y) =>
  s("g.icon", { transform: `translate(${x} ${y})` }, s("path", { d: "M3 25V13l7 4.500V13l7 4.500V5h5l2 20zM8 21h2M14 21h2" }));

const pylonIcon = (x, y) =>
  s(
    "g.icon",
    { transform: `translate(${x} ${y})` },
    s("path", { d: "M8 26 14 2l6 24M4 9h20M6 9v3M22 9v3M10.500 16h7M9 22l9-6M19 22l-9-6" }),
  );

function batteryIcon(x, y, now) {
  const share = now.capacity > 0 && now.energy !== null ? Math.max(0, Math.min(1, now.energy / now.capacity)) : 0;
  return s(
    "g.icon.battery",
    { transform: `translate(${x} ${y})` },
    s("rect", { x: 1, y: 6, width: 24, height: 16, rx: 4 }),
    s("path", { d: "M28 11v6" }),
    s("rect.level", { x: 4, y: 9, width: Math.max(0.5, 18 * share), height: 10, rx: 1.5 }),
  );
}
