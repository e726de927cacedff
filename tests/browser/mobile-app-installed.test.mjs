// The app as it lies on a telephone: installed and opened from there, without its service, and when the service has a new one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";

import { front, freePort } from "./support/front.mjs";
import { noViolation } from "./support/looks.mjs";
import { Person, launchProfile, town } from "./support/people.mjs";
import { PIN, Phone, answers, challenged, confirms, enrolled, filming, hold, names } from "./support/phone.mjs";
import { until } from "./support/until.mjs";

const [PORT, BEHIND] = [await freePort(), await freePort()];
const place = {};
before(async () => { place.front = await front(PORT, BEHIND); });
after(() => place.front?.stop());

const { scene } = town({
  listen: `127.0.0.1:${BEHIND}`,
  args: ["--public-url", `http://localhost:${PORT}`],
});

describe("the app as it lies on a telephone", () => {
  scene("installed, it is opened from there, enrolled by camera, and scans a challenge while the service is away", async ({
    person, service,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), "chancery-profile-"));
    const film = join(folder, "film.y4m");
    const context = await launchProfile(folder, filming(film), { permissions: ["camera"] });
    try {
      const tab = new Person(service, context, true);
      await tab.tab();
      await tab.goto("/app");
      await tab.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
      await tab.page.locator("[data-view=list] [data-install]").waitFor();
      const devtools = await context.newCDPSession(tab.page);
      const manifestId = new URL("/app", service.url).href;
      await devtools.send("PWA.install", { manifestId });
      // A browser without a screen opens it in a tab otherwise.
      await devtools.send("PWA.changeAppUserSettings", { manifestId, displayMode: "standalone" });
      const opening = context.waitForEvent("page");
      await devtools.send("PWA.launch", { manifestId });
      tab.page = await opening;
      const phone = new Phone(tab);
      await phone.view("list").waitFor();
      assert.ok(await phone.page.evaluate(() => matchMedia("(display-mode: standalone)").matches));
      assert.equal(await phone.page.locator("[data-view=list] [data-install]").isVisible(), false);
      await noViolation(phone.page, "the app, installed");

      const ada = await person();
      const email = "installed@example.org";
      await ada.joins(email);
      await names(ada);
      await hold(ada, film);
      await phone.tap("scan");
      await phone.initialise(PIN);
      await phone.view("waiting").waitFor();
      await confirms(ada);
      await phone.says(/My telephone/);
      await ada.goto("/account");
      await ada.signOut();
      await challenged(ada, email);
      await hold(ada, film);
      const shown = await service.without(async () => {
        await phone.page.reload();
        await phone.view("list").waitFor();
        await phone.tap("scan");
        return phone.codeAfter();
      });
      await answers(ada, shown);
      assert.equal(ada.path, "/account");

      // The browser may delete what it keeps: an app that was installed, and so had a device, says so, and what to do.
      const storage = { origin: new URL(service.url).origin, storageTypes: "indexeddb" };
      await (await context.newCDPSession(phone.page)).send("Storage.clearDataForOrigin", storage);
      await phone.page.reload();
      await phone.page.locator("[data-cleared]", { hasText: /has deleted it/ }).waitFor();
      await noViolation(phone.page, "the app, installed, without its devices");
    } finally {
      await context.close();
      rmSync(folder, { recursive: true });
    }
  });

  scene("a new version of it takes the old one's place, and finds the devices", async ({ person }) => {
    const ada = await person();
    const email = "updated@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await ada.goto("/account");
    await ada.signOut();
    await phone.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
    await phone.page.reload();
    await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const worker = () => phone.page.evaluate(() => navigator.serviceWorker.controller?.scriptURL ?? "");
    assert.doesNotMatch(await worker(), /next/);
    place.front.next();
    await phone.page.reload();
    await until("the new worker has taken over", async () => /next/.test(await worker()));
    const stores = () => phone.page.evaluate(async () => (await caches.keys()).map((name) => name.includes("next")));
    await until("nothing is kept of the old version", async () => String(await stores()) === "true");
    await phone.page.reload();
    await phone.view("list").waitFor();
    assert.deepEqual(await phone.page.locator("[data-list] .row-title").allInnerTexts(), ["My telephone"]);
    // The new version is whole without a network.
    await phone.person.context.setOffline(true);
    await phone.page.reload();
    const challenge = await challenged(ada, email);
    await answers(ada, await phone.code(challenge));
    assert.equal(ada.path, "/account");
  });
});
