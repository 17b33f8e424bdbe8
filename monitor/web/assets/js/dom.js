// Elements are built by script, never from text that becomes markup: whatever
// the feed says stays text.

const SVG = "http://www.w3.org/2000/svg";

// h makes an HTML element: h("a.link", {href}, "text", child, [children]).
export function h(name, attributes, ...children) {
  return build((tag) => document.createElement(tag), name, attributes, children);
}

// s makes an SVG element the same way.
export function s(name, attributes, ...children) {
  return build((tag) => document.createElementNS(SVG, tag), name, attributes, children);
}

function build(create, name, attributes, children) {
  const [tag, ...classes] = name.split(".");
  const element = create(tag);
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "data")
      element.shown = value; // what a chart shows, for its tooltip
    else if (key === "class") element.setAttribute("class", [...classes, value].join(" "));
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

// show makes the children of target those given, changing as little as it can:
// focus, selection, opened details and running animations stay.
export function show(target, ...children) {
  const wanted = document.createDocumentFragment();
  append(wanted, children);
  patchChildren(target, wanted);
}

function patchChildren(target, wanted) {
  const existing = [...target.childNodes];
  const fresh = [...wanted.childNodes];
  fresh.forEach((node, i) => {
    const old = existing[i];
    if (old === undefined) target.append(node);
    else if (!alike(old, node)) old.replaceWith(node);
    else patch(old, node);
  });
  existing.slice(fresh.length).forEach((node) => node.remove());
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null;
}

function patch(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    const kept = name === "open" && old.nodeName === "DETAILS";
    if (!kept && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  old.shown = fresh.shown;
  patchChildren(old, fresh);
  if (old.nodeName === "SELECT") choose(old);
}

// choose makes a list show what its options say, though the reader has used it.
function choose(select) {
  const chosen = [...select.options].find((option) => option.hasAttribute("selected"));
  if (chosen) select.value = chosen.value;
}
