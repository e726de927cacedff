// People with browsers: each has a browser context of their own, and whatever goes wrong behind the page is a fault.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { Service } from "./service.mjs";
import { until } from "./until.mjs";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

/** A password that meets every rule. */
export const PASSWORD = "Correct horse 7 battery!";

/** A browser's process, with these switches besides. */
export function launch(switches = []) {
  return chromium.launch({
    executablePath: process.env.CHANCERY_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...switches],
  });
}

/** A browser with a profile of its own in this folder, into which an app can be installed, with these switches besides. */
export function launchProfile(folder, switches = [], settings = {}) {
  return chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHANCERY_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: [...FLAGS, ...switches],
    locale: "en-GB",
    reducedMotion: "reduce",
    ...settings,
  });
}

let networks = 0;

/**
 * From now on POSTs to addresses like `pattern` reach the service, and their answers never reach the browser, which
 * stays on its page. `next()` waits until that happened, `end()` lets answers through again.
 */
export async function loseAnswers(person, pattern) {
  let happened;
  const next = new Promise((resolve) => { happened = resolve; });
  const lose = async (route) => {
    const asked = route.request();
    if (asked.method() !== "POST") return route.continue();
    const headers = await asked.allHeaders();
    const status = await new Promise((resolve, reject) => {
      const sent = request(asked.url(), { method: "POST", headers: { ...headers, connection: "close" } }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      });
      sent.on("error", reject);
      sent.end(asked.postDataBuffer());
    });
    await route.abort("aborted");
    happened(status);
    return undefined;
  };
  await person.page.route(pattern, lose);
  return { next: () => next, end: () => person.page.unroute(pattern, lose) };
}

/** One person at one browser. `page` is the tab that they look at. */
export class Person {
  constructor(service, context, scripts) {
    Object.assign(this, { service, context, scripts, faults: [] });
    context.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== service.url) this.faults.push(`a request left for ${origin}`);
    });
    context.on("weberror", (error) => this.faults.push(`script: ${error.error()}`));
    context.on("console", (message) => {
      const text = message.text();
      if (message.type() !== "error" && message.type() !== "warning") return;
      // The browser's own note that a page came with a status such as 422.
      if (/^Failed to load resource: the server responded with a status of 4\d\d/.test(text)) return;
      this.faults.push(`console at ${message.page()?.url()}: ${text}`);
    });
  }

  /** Opens another tab of the same browser and looks at it from now on. */
  async tab() {
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(20_000);
    return this.page;
  }

  /** Goes to a path or an address of the service. */
  async goto(path) {
    return this.page.goto(new URL(path, this.service.url).href);
  }

  /** The path and query that the address bar shows. */
  get path() {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  /** Does what leads to another page, and waits for that page. */
  async leads(act) {
    const arrived = this.page.waitForNavigation();
    arrived.catch(() => {});
    await act();
    return arrived;
  }

  /** Presses a button or follows a link that leads to another page. */
  async press(target) {
    const element = typeof target === "string" ? this.page.locator(target) : target;
    return this.leads(() => element.click());
  }

  /** Fills fields by their ids. */
  async fill(values) {
    for (const [id, value] of Object.entries(values)) await this.page.locator(`#${id}`).fill(value);
  }

  /** Waits until the page is this many seconds old, what was done on it meanwhile included. */
  async waits(seconds) {
    const age = () => performance.now() - performance.getEntriesByType("navigation")[0].responseStart;
    const isOld = async () => (await this.page.evaluate(age)) >= seconds * 1000;
    await until(`the page is ${seconds} seconds old`, isOld, (seconds + 20) * 1000);
  }

  /**
   * Sends a form that asks whether a person is here: with scripts on the page does the waiting, with scripts off the
   * person waits as the page tells.
   */
  async send(button = "main form button.main") {
    await this.press(button);
    const refused = this.page.locator("#check-error");
    if (!this.scripts && (await refused.count())) {
      const seconds = /(\d+) /.exec(await refused.innerText());
      assert.ok(seconds, `the page tells how long to wait: ${await refused.innerText()}`);
      await this.waits(Number(seconds[1]));
      await this.press(button);
      assert.equal(await refused.count(), 0, "the wait that was told is long enough");
    }
  }

  /** Confirms a mailed link with the password, without which its page is not left. */
  async confirms(link, look = async () => {}) {
    await this.goto(link);
    await look("the link's page");
    await this.press("main form button.main");
    await this.mustCorrect("password");
    await this.fill({ password: PASSWORD });
    await this.press("main form button.main");
  }

  /** Fills in the form for a new account up to its button. */
  async fillRegistration(email, { first = "Ada", last = "Lovelace" } = {}) {
    await this.goto("/register");
    await this.fill({ first_name: first, last_name: last, email, confirm_email: email });
    await this.page.locator("#privacy").check();
  }

  /** Asks for an account, up to "Check your mail". */
  async register(email, names) {
    await this.fillRegistration(email, names);
    await this.send();
    assert.equal(this.path, "/check-mail");
  }

  /** Fills in what a link's page asks for, up to its button. */
  async fillLink(password = PASSWORD) {
    await this.fill({ new_password: password, confirm_password: password });
    const privacy = this.page.locator("#privacy");
    if (await privacy.count()) await privacy.check();
  }

  /** Opens a link and sets the password, which signs in. */
  async follow(link, password = PASSWORD) {
    await this.goto(link);
    await this.fillLink(password);
    await this.press("main form button.main");
  }

  /** Makes an account and is signed in to it. */
  async joins(email, password = PASSWORD) {
    await this.register(email);
    await this.follow((await this.service.mail(email)).link, password);
    assert.equal(this.path, "/account?done=welcome");
  }

  /** Types a name and a password, also where that can be left out. */
  async signIn(name, password = PASSWORD, { publicComputer = false } = {}) {
    await this.goto("/login");
    await this.fill({ name });
    await this.press("main form button.main");
    if (this.path.startsWith("/login/verify")) {
      await this.press('main a[href*="method=password"]');
    }
    await this.fill({ password });
    if (publicComputer) await this.page.locator("#public_computer").check();
    await this.press("main form button.main");
  }

  /** Presses "sign out". */
  async signOut() {
    await this.press('form[action="/sign-out"] button');
  }

  /** Asks for a new password, up to "Check your mail". */
  async losePassword(name) {
    await this.goto("/lost-password");
    await this.fill({ name });
    await this.send();
    assert.equal(this.path, "/check-mail");
  }

  /** Whether the service takes this browser for signed in. The tab stays where it is. */
  async isSignedIn() {
    const answer = await this.context.request.get(`${this.service.url}/account`, { maxRedirects: 0 });
    return answer.status() === 200;
  }

  /** The cookie of that name, without the service's prefix. */
  async cookie(name) {
    return (await this.context.cookies()).find((cookie) => cookie.name === `chancery-${name}`)?.value;
  }

  /** The text of the page's main part. */
  async text() {
    return this.page.locator("main").innerText();
  }

  /** Fails unless the page says so. */
  async reads(words) {
    assert.match(await this.text(), words);
  }

  /** Fails unless this field, by id, is the wrong one that has the focus. */
  async mustCorrect(id) {
    const error = this.page.locator(`#${id}-error`);
    assert.equal(await error.count(), 1, `an error stands beside ${id}:\n${await this.text()}`);
    const described = await this.page.locator(`#${id}`).getAttribute("aria-describedby");
    assert.ok(described?.split(" ").includes(`${id}-error`), `${id} is described by its error`);
    await this.hasFocus(id);
  }

  /** Waits until the element with this id has the focus: a browser gives it with its first frame, maybe after load. */
  async hasFocus(id) {
    const focused = () => this.page.evaluate(() => document.activeElement?.id);
    await until(`${id} has the focus`, async () => (await focused()) === id);
  }
}

/** A service and a browser for one file of tests. Call it once, at the top. */
export function town(options) {
  const place = {};
  before(async () => {
    place.service = await Service.start(options);
    place.browser = await launch();
  });
  after(async () => {
    await place.browser?.close();
    await place.service?.stop();
  });

  /** A test whose people are closed at its end, and had no fault behind their pages. */
  place.scene = (name, act) => test(name, { timeout: 300_000 }, async () => {
    const people = [];
    const person = async ({ scripts = true, ...settings } = {}) => {
      networks += 1;
      const network = `10.${(networks >> 8) & 255}.${networks & 255}.1`;
      const context = await place.browser.newContext({
        javaScriptEnabled: scripts,
        locale: "en-GB",
        reducedMotion: "reduce",
        ...(place.service.proxied ? { extraHTTPHeaders: { "X-Forwarded-For": network } } : {}),
        ...settings,
      });
      const someone = new Person(place.service, context, scripts);
      people.push(someone);
      await someone.tab();
      return someone;
    };
    try {
      await act({ person, service: place.service });
      for (const someone of people) assert.deepEqual(someone.faults, []);
    } finally {
      await Promise.all(people.map(({ context }) => context.close()));
    }
  });

  /** A scene played twice: with scripts, and without. */
  place.scenes = (name, act) => {
    for (const scripts of [true, false]) {
      place.scene(`${name}, scripts ${scripts ? "on" : "off"}`, ({ person, ...rest }) =>
        act({ ...rest, scripts, person: (settings) => person({ scripts, ...settings }) }));
    }
  };
  return place;
}
