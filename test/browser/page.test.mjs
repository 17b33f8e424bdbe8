// The page in a real browser, on the fixture's two days. The Go test
// monitor.TestPageInABrowser starts the server and this.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { control, launch, open, sections } from "./browser.mjs";

const afternoon = { page: process.env.SESAME_PAGE, control: process.env.SESAME_CONTROL }; // second day, own parks
const quiet = { page: process.env.SESAME_QUIET_PAGE, control: process.env.SESAME_QUIET_CONTROL }; // first day, no own parks

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function within(context, run) {
  const page = await open(browser, context.base, context.options);
  try {
    await run(page);
    assert.deepEqual(page.complaints, []);
  } finally {
    await page.context().close();
  }
}

const on = (place, options) => ({ base: place.page, options });

describe("every section", () => {
  sections.forEach((address, i) => {
    const looks = [
      ["light", "en-GB"],
      ["dark", "zh-CN"],
    ];
    for (const [theme, locale] of address === "/#/today" ? looks : [looks[i % 2]]) {
      test(`${address} renders, accessibly, from this server alone: ${theme}, ${locale}`, () =>
        within(on(afternoon, { colorScheme: theme, locale, reducedMotion: "reduce" }), async (page) => {
          await page.show(address);
          assert.equal(await page.locator("main .card").first().isVisible(), true);
          assert.equal(await page.locator("html").getAttribute("lang"), locale === "zh-CN" ? "zh-CN" : "en");
          const { violations } = await new AxeBuilder({ page })
            .withTags(["wcag2a", "wcag2aa", "wcag21aa", "best-practice"])
            .analyze();
          const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
          assert.deepEqual(
            grave.map(
              ({ id, nodes }) =>
                `${id}: ${nodes
                  .map((node) => node.target.join(" "))
                  .slice(0, 3)
                  .join(" | ")}`,
            ),
            [],
          );
        }));
    }
  });

  test("fits a phone without scrolling sideways", () =>
    within(on(afternoon, { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }), async (page) => {
      for (const address of sections) {
        await page.show(address);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(over <= 0, `${address} is ${over} px too wide`);
      }
    }));
});

describe("live", () => {
  test("an absent member is seen within a block, without reload", () =>
    within(on(quiet), async (page) => {
      await page.show("/#/today");
      await page.evaluate(() => {
        window.marker = "same page";
      });
      assert.equal(await page.locator(".dot.absent").count(), 0);
      assert.equal(await page.locator("#notice .bad").count(), 0);
      await control(quiet.control, `release?until=${14 * 60 + 50}`);
      await page.waitForSelector("#members .dot.absent");
      assert.match(await page.locator("#members .dot.absent").getAttribute("aria-label"), /member4 .*absent for \d+ blocks/u);
      assert.match(await page.locator("#notice").innerText(), /member4: absent/u);
      assert.equal(await page.locator("nav .badge").innerText(), "1");
      await page.click("nav a:has-text('Alerts')");
      await page.waitForSelector("[data-rule=member-absent].open");
      assert.match(await page.locator("[data-rule=member-absent]").innerText(), /A member does not sign: member4/u);
      await control(quiet.control, `release?until=${17 * 60}`);
      await page.waitForSelector("[data-rule=member-absent].closed");
      await page.waitForFunction(() => !document.querySelector("#members .dot.absent"));
      assert.equal(await page.evaluate(() => window.marker), "same page");
    }));

  test("focus and an opened table outlive new blocks", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/plan");
      const height = await page.locator("#height a").innerText();
      await page.click("#main details.figures >> nth=0 >> summary");
      await page.focus("select[data-name=day]");
      await control(afternoon.control, "next");
      await page.waitForFunction((before) => document.querySelector("#height a").textContent !== before, height);
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-name")), "day");
      assert.equal(await page.locator("details.figures").first().getAttribute("open"), "");
    }));

  test("the clock of the ledger runs on between blocks", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/today");
      await control(afternoon.control, "next");
      const first = await page.locator("#ledger-time").innerText();
      await page.waitForFunction((before) => document.querySelector("#ledger-time").innerText !== before, first);
    }));

  test("a lost connection is said in words, and healed", async () => {
    const page = await open(browser, afternoon.page);
    await page.show("/#/today");
    await page.context().setOffline(true);
    await page.reload().catch(() => {});
    await page.context().setOffline(false);
    await page.show("/#/today");
    await page.route("**/api/**", (route) => route.abort());
    await page.evaluate(() => {
      location.hash = "#/plan";
    });
    await page.waitForSelector("#notice .warn");
    await page.unroute("**/api/**");
    await control(afternoon.control, "next");
    await page.waitForFunction(() => !document.querySelector("#notice .warn"));
    await page.context().close();
  });
});

describe("the reader", () => {
  test("switches the language, and it is kept", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/today");
      await page.click("button[data-action=language]");
      await page.waitForSelector("nav a:has-text('今日')");
      await page.reload();
      await page.waitForSelector("nav a:has-text('今日')");
      assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
      await page.click("button[data-action=language]");
      await page.waitForSelector("nav a:has-text('Today')");
    }));

  test("switches to dark, and it is kept", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/today");
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.click("button[data-action=theme]");
      assert.notEqual(await ground(), light);
      await page.reload();
      await page.waitForSelector("main .card");
      assert.notEqual(await ground(), light);
    }));

  test("comes to content and sections by keyboard", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/today");
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
      await page.focus("nav a:has-text('Contracts')");
      await page.keyboard.press("Enter");
      await page.waitForSelector("#contract-list");
    }));

  test("goes from a figure to its record, its proof and the command that checks it", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/plan/19919");
      await page.click("#certificate a.record");
      await page.waitForSelector("#proof");
      assert.match(await page.locator("#proof").innerText(), /Proven/u);
      assert.match(await page.locator("#check pre").innerText(), /^sesame record .*plan\/019919\/0001$/u);
      assert.match(await page.locator("#fields").innerText(), /surplus taken/u);
    }));

  test("finds blocks, transactions and records", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/ledger");
      await page.fill("input[data-search]", "30");
      await page.keyboard.press("Enter");
      await page.waitForSelector("h1:has-text('Block 30')");
      await page.show("/#/ledger");
      await page.fill("input[data-search]", "tariff/019919");
      await page.click("button[data-action=search]");
      await page.waitForSelector("#fields:has-text('workday')");
      await page.show("/#/ledger");
      const [sent] = await (await fetch(`${afternoon.page}/api/transactions?limit=1`)).json();
      await page.fill("input[data-search]", sent.hash);
      await page.keyboard.press("Enter");
      await page.waitForSelector(`code:has-text('${sent.hash}')`);
    }));

  test("keeps the park that was chosen, and the day goes back with the address", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/privacy/19919");
      await page.selectOption("select[data-name=park]", "park2");
      await page.waitForSelector("#sealed a.record[title$=park2]");
      await page.selectOption("select[data-name=day]", "19920");
      await page.waitForFunction(() => location.hash === "#/privacy/19920");
      await page.goBack();
      await page.waitForFunction(() => document.querySelector("select[data-name=day]")?.value === "19919");
      assert.equal(await page.locator("select[data-name=park]").inputValue(), "park2");
    }));

  test("sees what each member held of a disclosed series, and what any three find", () =>
    within(on(afternoon, { locale: "zh-CN" }), async (page) => {
      await page.show("/#/privacy/19919");
      await page.waitForSelector(".opening [data-key$='deficit/shares']");
      assert.equal(await page.locator("[data-key$='deficit/shares'] path.mark.line").count(), 5);
      const opened = page.locator("[data-key$='deficit/opened']");
      assert.equal(await opened.locator(".mark.area").count(), 1); // the owner's own
      assert.equal(await opened.locator(".mark.points circle").count(), 24);
      assert.match(await page.locator(".opening .pair").first().innerText(), /任意 3 个成员（共 5 个）恢复[\s\S]*已尝试 10 组[\s\S]*逐瓦一致/u);
      await page.click("button[data-action=language]");
      assert.match(await page.locator(".opening .pair").first().innerText(), /found by any 3 of 5[\s\S]*10 sets of 3[\s\S]*watt for watt/u);
      assert.equal(await page.locator("[data-key$='deficit/shares'] details td").count(), 24 * 5);
    }));

  test("sees a disclosed series without the owner's own where its node is elsewhere", () =>
    within(on(afternoon), async (page) => {
      await page.route("**/api/own/**", (route) => route.fulfill({ json: null }));
      await page.show("/#/privacy/19919");
      await page.waitForSelector(".opening [data-key$='deficit/opened']");
      assert.equal(await page.locator("[data-key$='deficit/opened'] .mark.area").count(), 0);
      assert.equal(await page.locator("[data-key$='deficit/opened'] .mark.steps").count(), 1);
      assert.doesNotMatch(await page.locator(".opening .pair").first().innerText(), /own/u);
    }));

  test("sees the bill in clear only where the park's own node is", async () => {
    await within(on(afternoon), async (page) => {
      await page.show("/#/contracts/19919");
      assert.match(await page.locator("#own-park1").innerText(), /Your part of the saving/u);
    });
    await within(on(quiet), async (page) => {
      await page.show("/#/contracts/19919");
      assert.equal(await page.locator("[id^=own-]").count(), 0);
    });
  });

  test("sees figures under the pointer", () =>
    within(on(afternoon), async (page) => {
      await page.show("/#/plan");
      await page.hover("[data-key=chart-prices] svg", { position: { x: 300, y: 100 } });
      await page.waitForSelector(".tip.shown");
      assert.match(await page.locator(".tip").innerText(), /buying: ¥/u);
    }));
});

test("hostile texts of the feed stay texts", () =>
  within(on(quiet), async (page) => {
    await page.show("/#/today");
    await control(quiet.control, "hostile");
    await page.show("/#/alerts");
    await page.waitForFunction(() => document.querySelector(".alert")?.textContent.includes("<script>"));
    for (const address of [
      ...sections,
      "/#/contracts/%3Cimg%20src=x%20onerror=pwned()%3E",
      "/#/%3Cscript%3E",
      "/record?key=%3Cscript%3Ealert(1)%3C/script%3E",
    ]) {
      await page.goto(quiet.page + address);
      await page.waitForSelector("main .card, main .empty");
    }
    assert.equal(await page.evaluate(() => window.pwned), undefined);
    assert.equal(await page.locator("main img, main script, main iframe").count(), 0);
    page.complaints = page.complaints.filter((one) => !one.includes("404"));
  }));
