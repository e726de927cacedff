// Second factors where each request may meet another of two servers, on PostgreSQL and NATS.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { byApp, byKey, byPhone } from "./support/factors.mjs";
import { Many } from "./support/many.mjs";
import { launch, Person } from "./support/people.mjs";

describe("second factors on two servers", () => {
  let many;
  let browser;
  before(async () => {
    many = await Many.start("--calm");
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await many?.stop();
  });

  test("an app, a key and a telephone", { timeout: 300_000 }, async () => {
    const people = [];
    const person = async (number, settings = {}) => {
      const extraHTTPHeaders = { "X-Forwarded-For": `10.8.${number}.1` };
      const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", extraHTTPHeaders, ...settings });
      const someone = new Person(many, context, true);
      people.push(someone);
      await someone.tab();
      return someone;
    };
    const ada = await person(1);
    const email = "ada@example.org";
    await ada.joins(email);
    await byApp(ada, email);
    await byKey(ada, email);
    await byPhone(ada, email, await person(2, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }));
    for (const someone of people) assert.deepEqual(someone.faults, []);
    const { kills, code, text, logs } = await many.verdict();
    assert.equal(code, 0, `${text}\n${logs.join("\n")}`);
    assert.equal(kills, 0);
  });
});
