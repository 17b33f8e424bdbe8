// What the browser tests share: a browser, a page that watches itself, and the
// strings that start the feed's next blocks.

import { chromium } from "playwright-core";

// Debian's Chromium, quiet: no first-run, no look-ups in the background.
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.SESAME_CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });

// sections are the addresses of everything that the page shows, for the
// fixture's two days.
export const sections = [
  "/#/today",
  "/#/plan",
  "/#/plan/19919",
  "/#/contracts/19919",
  "/#/contracts",
  "/#/ledger",
  "/#/privacy",
  "/#/privacy/19919",
  "/#/alerts",
  "/#/block/30",
  "/record?key=plan%2F019919%2F0001",
];

// open makes a page in a context of its own. page.complaints gathers console
// errors, exceptions, dialogs, and requests to anywhere else.
export async function open(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") page.complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.complaints.push(`exception: ${error.message}`));
  page.on("dialog", async (dialog) => {
    page.complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`)) page.complaints.push(`request to ${request.url()}`);
  });
  page.show = async (address) => {
    await page.goto(base + address);
    await page.waitForSelector("main .card");
  };
  return page;
}

// control asks the test's server for more blocks, or for hostile ones.
export async function control(address, what) {
  const response = await fetch(`${address}/${what}`, { method: "POST" });
  if (!response.ok) throw new Error(`${what}: ${response.status}`);
}
