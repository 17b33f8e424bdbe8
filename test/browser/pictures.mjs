// Takes the pictures of the page for the documentation:
//   node pictures.mjs http://127.0.0.1:27700 ../../docs/images [today plan ...]
// With --morning it waits for the second day, 08:05.

import { parseArgs } from "node:util";
import { launch, open } from "./browser.mjs";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { morning: { type: "boolean" } } });
const [address, folder, ...names] = positionals;
const base = address?.replace(/\/$/u, "");
if (!base || !folder) {
  console.error("usage: node pictures.mjs [--morning] PAGE FOLDER [NAME ...]");
  process.exit(2);
}

const ask = async () => (await fetch(`${base}/api/status`)).json();
const early = ({ days, ledger_time }) => days.length < 2 || ledger_time < days[1].start + 8 * 3600 + 300;

let status = await ask();
while (values.morning && early(status)) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  status = await ask();
}

const desk = { viewport: { width: 1440, height: 900 } };
const dark = { ...desk, colorScheme: "dark" };
const chinese = { ...desk, locale: "zh-CN" };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const first = status.days[0]?.day ?? status.today;
const plan = `/record?key=${encodeURIComponent(`plan/${String(first).padStart(6, "0")}/0001`)}`;

// name, address, look, whole page or what fits the screen
const pictures = [
  ["today", "/#/today", desk, true],
  ["today-dark", "/#/today", dark, false],
  ["today-phone", "/#/today", phone, false],
  ["plan", `/#/plan/${first}`, desk, true],
  ["contracts", `/#/contracts/${first}`, desk, true],
  ["contracts-chinese", `/#/contracts/${first}`, chinese, true],
  ["ledger", "/#/ledger", desk, false],
  ["ledger-dark", "/#/ledger", dark, false],
  ["privacy", `/#/privacy/${first}`, desk, true],
  ["privacy-disclosed", `/#/privacy/${first}`, chinese, true],
  ["alerts", "/#/alerts", desk, false],
  ["record", plan, desk, true],
];

const browser = await launch();
for (const [name, place, look, whole] of pictures.filter(([name]) => names.length === 0 || names.includes(name))) {
  const page = await open(browser, base, { reducedMotion: "reduce", ...look });
  await page.show(place);
  await page.waitForFunction(() => !document.querySelector("main > .empty"));
  await page.screenshot({ path: `${folder}/page-${name}.png`, fullPage: whole });
  if (page.complaints.length > 0) console.error(name, page.complaints);
  await page.context().close();
}
await browser.close();
