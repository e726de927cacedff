// The whole way in, out and back, while one server and one worker are killed every two seconds. A person presses a button
// again where a page does not come, and nobody is stranded.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Many } from "./support/many.mjs";
import { launch, PASSWORD, Person } from "./support/people.mjs";
import { until } from "./support/until.mjs";

const ANOTHER = "Another 8 horse stapled?";

/** How often a person tries the same thing before they are stranded. */
const PATIENCE = 20;

/** One who tries again. */
class Patient extends Person {
  again = 0;

  async tab() {
    await super.tab();
    this.page.setDefaultTimeout(10_000);
    return this.page;
  }

  /** Does something until it leads to where it should, and counts how often it has to be done again. */
  async insists(what, act, arrived) {
    const met = [];
    for (let tries = 0; tries < PATIENCE; tries += 1) {
      try {
        await act();
        if (await arrived()) return;
        met.push(`${this.path}: ${(await this.page.title()).slice(0, 80)}`);
      } catch (error) {
        // A page that did not come, or a browser's own page of a connection that broke.
        met.push(String(error.message).split("\n")[0]);
      }
      this.again += 1;
      // Whoever sees that nothing comes presses again when there is somebody who answers.
      await until("a server is ready", () => this.isServed());
    }
    assert.fail(`stranded: ${what}\n${met.join("\n")}`);
  }

  /** Whether whichever server the balancer chooses is ready. */
  async isServed() {
    try {
      return (await fetch(`${this.service.url}/health/ready`, { headers: { connection: "close" } })).ok;
    } catch {
      return false;
    }
  }

  async at(start) {
    return this.path.startsWith(start);
  }

  async registers(email) {
    await this.insists("asks for an account", async () => {
      await this.fillRegistration(email);
      await this.send();
    }, () => this.at("/check-mail"));
  }

  async comesIn(name, password) {
    await this.insists("signs in", () => this.signIn(name, password), () => this.at("/account"));
  }

  /** Types a mailed code into the page that waits for it, in the browser that asked. */
  async typesCode(code) {
    await this.insists("types the code", async () => {
      await this.goto("/check-mail");
      await this.fill({ code });
      await this.press("main form button.main");
    }, () => this.at("/l/"));
  }

  /** The mail that was asked for. Where a server died between its answer and what that promised, the page sends it again. */
  async getsMail(email, subject) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.service.mail(email, subject, tries < 2 ? 20_000 : 60_000);
      } catch (error) {
        if (tries === 2) throw error;
      }
      await this.insists("sends again", async () => {
        await this.goto("/check-mail");
        await this.press('form[action="/check-mail/again"] button');
      }, () => this.at("/check-mail"));
      this.again += 1;
    }
  }

  /** The user ID that the account's page shows. */
  async uid() {
    let uid = "";
    await this.insists("looks at the account", async () => {
      await this.goto("/account");
      uid = await this.page.locator("dd code").innerText();
    }, async () => /^n[0-9a-z]{7}$/.test(uid));
    return uid;
  }

  /** Types a password that is not the account's any more. */
  async isRefused(name, password) {
    await this.insists("is refused", () => this.signIn(name, password),
      async () => /We could not sign you in/.test(await this.text()));
  }

  /** Opens a link and sets a password. Where that happened and the answer was lost, the password is there. */
  async setsPassword(link, name, password) {
    let isUsed = false;
    await this.insists("sets a password", async () => {
      await this.goto(link);
      isUsed = (await this.page.locator("#new_password").count()) === 0 && /used/.test(await this.text());
      if (isUsed) return;
      await this.fillLink(password);
      await this.press("main form button.main");
    }, async () => isUsed || this.at("/account"));
    if (isUsed) await this.comesIn(name, password);
  }

  async leaves() {
    await this.insists("signs out", async () => {
      await this.goto("/account");
      if (!this.path.startsWith("/login")) await this.signOut();
    }, async () => (await this.at("/login")) || /You are signed out/.test(await this.text()));
  }

  async asksForPassword(email) {
    await this.insists("asks for a new password", async () => {
      await this.goto("/lost-password");
      await this.fill({ name: email });
      await this.send();
    }, () => this.at("/check-mail"));
  }
}

describe("in many processes", () => {
  let many;
  let browser;
  before(async () => {
    many = await Many.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await many?.stop();
  });

  test("nobody is stranded while servers and workers are killed", { timeout: 600_000 }, async (context) => {
    const story = async (number) => {
      const email = `person${number}@example.org`;
      const scripts = number !== 0;
      const settings = { javaScriptEnabled: scripts, locale: "en-GB", reducedMotion: "reduce" };
      const headers = { "X-Forwarded-For": `10.9.${number}.1` };
      const person = new Patient(many, await browser.newContext({ ...settings, extraHTTPHeaders: headers }), scripts);
      await person.tab();
      await person.registers(email);
      const confirmation = await person.getsMail(email, /^Confirm/);
      // Some type the code, which leads to the page of the same link.
      if (number % 3 === 1) await person.typesCode(confirmation.code);
      await person.setsPassword(confirmation.link, email, PASSWORD);
      const uid = await person.uid();
      await person.reads(/Ada Lovelace[^]*\(external\)/);
      await person.leaves();
      await person.comesIn(uid, PASSWORD);
      await person.leaves();
      await person.asksForPassword(email);
      const reset = await person.getsMail(email, /^Set a new password/);
      if (number % 3 === 2) await person.typesCode(reset.code);
      await person.setsPassword(reset.link, email, ANOTHER);
      await many.mail(email, /^Your password .* was changed/);
      await person.leaves();
      await person.isRefused(email, PASSWORD);
      await person.comesIn(email, ANOTHER);
      assert.equal(await person.uid(), uid);
      await person.context.close();
      return person.again;
    };
    // Three at a time, so that there is enough of it to be killed in the midst of everything.
    const again = [];
    for (let round = 0; round < 3; round += 1) {
      again.push(...await Promise.all([0, 1, 2].map((number) => story(3 * round + number))));
    }
    const { kills, code, text, logs } = await many.verdict();
    context.diagnostic(`${kills} kills, buttons pressed again: ${again.join(", ")}`);
    assert.equal(code, 0, `${text}\n${logs.join("\n")}`);
    assert.ok(kills >= 10, `${kills} kills`);
  });
});
