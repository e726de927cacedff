// What becomes of a telephone's app over the years: an old version, a wrong clock, lost data, several people and devices,
// two tabs, and being told of requests.

import assert from "node:assert/strict";
import { createECDH, randomBytes } from "node:crypto";
import { describe } from "node:test";

import { noViolation } from "./support/looks.mjs";
import { PASSWORD, town } from "./support/people.mjs";
import {
  PIN, Phone, answers, asks, challengeLink, challenged, confirms, enrolled, linkOn, names, telephone,
} from "./support/phone.mjs";
import { until } from "./support/until.mjs";

const { scene } = town();

/** Adds one more device to a telephone, for whoever is at the page. */
async function adds(ada, phone, name) {
  await names(ada, name);
  await phone.opens(await linkOn(ada, /Open the app here/));
  await phone.initialise(PIN);
  await phone.view("waiting").waitFor();
  await confirms(ada);
  await phone.says(name);
}

/** The devices that a telephone lists. */
const listed = (phone) => phone.page.locator("[data-list] .row-title").allInnerTexts();

describe("a telephone's app over the years", { concurrency: 2 }, () => {
  scene("one that is out of date says what to do, keeps its devices, and shows codes", async ({ person }) => {
    const ada = await person();
    const email = "outdated@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await ada.goto("/account");
    await ada.signOut();
    // As it would be with the app of a version that the service does not speak any more.
    const old = (route) => route.continue({ url: route.request().url().replace("/app/v1/", "/app/v0/") });
    await phone.page.route("**/app/v1/**", old);
    await phone.view("outdated").waitFor();
    await noViolation(phone.page, "an app that is out of date");
    await phone.tap("home", "list");
    const challenge = await challenged(ada, email);
    await phone.code(challenge).then((code) => answers(ada, code));
    assert.equal(ada.path, "/account");
    // Opened anew it says so again, and the new version is loaded.
    await phone.page.reload();
    await phone.view("outdated").waitFor();
    await phone.page.unroute("**/app/v1/**", old);
    await phone.page.locator("[data-view=outdated] [data-do=renew]").click();
    await phone.view("list").waitFor();
    assert.deepEqual(await listed(phone), ["My telephone"]);
    const waits = phone.page.waitForResponse(/\/app\/v1\/requests$/);
    assert.equal((await waits).status(), 200);
  });

  scene("a clock that is wrong is told, and the right time", async ({ person }) => {
    const ada = await person();
    const email = "clock@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await phone.page.clock.install({ time: Date.now() + 600_000 });
    await phone.page.reload();
    await phone.page.locator("[data-void]", { hasText: /clock of this phone is wrong/ }).waitFor();
    await noViolation(phone.page, "an app whose clock is wrong");
  });

  scene("where the browser has deleted the data the app says so, and what to do", async ({ person }) => {
    const ada = await person();
    const email = "cleared@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await ada.goto("/account");
    await ada.signOut();
    await challenged(ada, email);
    const link = await challengeLink(ada);
    const devtools = await phone.person.context.newCDPSession(phone.page);
    await devtools.send("Storage.clearDataForOrigin", { origin: new URL(ada.page.url()).origin, storageTypes: "all" });
    await phone.page.reload();
    await phone.page.locator("[data-none]", { hasText: /no device on this phone/ }).waitFor();
    // A code is asked of a device that is not there any more.
    await phone.opens(link);
    await phone.says(/not on this phone.*browser has deleted the data/);
    await noViolation(phone.page, "an app whose data were deleted");
  });

  scene("two people have one telephone, and one of them has it twice", async ({ person }) => {
    const [ada, bob] = [await person(), await person()];
    await ada.joins("ada-shares@example.org");
    await bob.joins("bob-shares@example.org");
    const phone = await enrolled(ada, person);
    await adds(ada, phone, "The same once more");
    await adds(bob, phone, "Bob on this one");
    assert.deepEqual(await listed(phone), ["My telephone", "The same once more", "Bob on this one"]);
    await noViolation(phone.page, "an app of two people");
    await bob.goto("/account");
    await bob.signOut();
    // The picture is for one device: the app asks for the PIN of that one.
    await bob.signIn("bob-shares@example.org", PASSWORD);
    await bob.press(bob.page.getByRole("link", { name: /Mobile App QR Code/ }));
    await phone.opens(await challengeLink(bob));
    assert.equal(await phone.view("code").locator("[data-fact=device]").innerText(), "Bob on this one");
    await answers(bob, await phone.codeAfter());
    assert.equal(bob.path, "/account");
    // A request is its own account's: the app says which.
    await ada.goto("/account");
    await ada.signOut();
    await asks(ada, "ada-shares@example.org");
    await phone.tap("home", "list");
    await phone.page.locator("[data-requests] [data-do=answer]").first().waitFor();
    await phone.tap("answer", "request");
    assert.match(await phone.view("request").locator("[data-fact=account]").innerText(), /^a.*@e/);
  });

  scene("a new telephone takes the old one's place, which is refused from then on", async ({ person }) => {
    const ada = await person();
    const email = "new-telephone@example.org";
    await ada.joins(email);
    const old = await enrolled(ada, person);
    await ada.goto("/help/mobile-device");
    await ada.reads(/A new telephone\s+Keep the old telephone until the new one works/);
    await noViolation(ada.page, "how a telephone is replaced");
    const phone = await telephone(person);
    await adds(ada, phone, "My new telephone");
    await ada.goto("/account");
    await ada.signOut();
    const number = await asks(ada, email);
    await phone.page.locator("[data-requests] [data-do=answer]").waitFor();
    await phone.tap("answer", "request");
    await phone.page.locator("#request-number").fill(number);
    await phone.tap("goOn", "approve");
    await phone.page.locator("#approve-pin").fill(PIN);
    await phone.tap("approve", "list");
    await ada.page.waitForURL(/\/account$/);

    await ada.goto("/account/security");
    const devices = ada.page.locator("main .rows li");
    await ada.press(devices.filter({ hasText: "My telephone" }).getByRole("link"));
    await ada.press(ada.page.getByRole("button", { name: "Remove this device" }));
    assert.equal(ada.path, "/account/security?done=removed");
    assert.deepEqual(await devices.locator(".row-title").allInnerTexts(), ["My new telephone"]);
    await old.page.locator("[data-void]", { hasText: /no longer in your account/ }).waitFor();
    await noViolation(old.page, "an app whose device was removed");

    // A code of the old one counts no more; one of the new one does.
    await ada.goto("/account");
    await ada.signOut();
    await answers(ada, await old.code(await challenged(ada, email)));
    await ada.mustCorrect("app_code");
    const challenge = (await ada.page.locator("main code.secret").innerText()).replace(/\s/g, "");
    await answers(ada, await phone.code(challenge));
    assert.equal(ada.path, "/account");
  });

  scene("when enrolment ends the phone's own lock is offered", async ({ person }) => {
    const ada = await person();
    await ada.joins("own-lock@example.org");
    await names(ada);
    const phone = await telephone(person);
    const devtools = await phone.person.context.newCDPSession(phone.page);
    await devtools.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true };
    await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
    const offer = phone.page.locator("[data-own-lock]");
    assert.equal(await offer.isVisible(), false);
    await phone.opens(await linkOn(ada, /Open the app here/));
    await phone.initialise(PIN);
    await phone.view("waiting").waitFor();
    await confirms(ada);
    await phone.says(/My telephone/);
    await offer.waitFor();
    assert.equal(await offer.locator("a").getAttribute("href"), "/account/security/key");
  });

  scene("two tabs of it show the same", async ({ person }) => {
    const ada = await person();
    const email = "two-tabs@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    const other = new Phone(phone.person);
    other.page = await phone.person.context.newPage();
    await other.person.context.pages()[1].goto(phone.page.url());
    await other.view("list").waitFor();
    assert.deepEqual(await listed(other), ["My telephone"]);
    await ada.goto("/account");
    await ada.signOut();
    const number = await asks(ada, email);
    for (const tab of [phone, other]) {
      await tab.page.bringToFront();
      await tab.page.locator("[data-requests] [data-do=answer]").waitFor();
      await tab.tap("answer", "request");
      await tab.page.locator("#request-number").fill(number);
      await tab.tap("goOn", "approve");
      await tab.page.locator("#approve-pin").fill(PIN);
    }
    await other.tap("approve", "list");
    await other.says(/Confirmed/);
    await ada.page.waitForURL(/\/account$/);
    await phone.page.bringToFront();
    await phone.tap("approve", "list");
    await phone.says(/has been answered/);
    // Removed in one, it is gone in the other.
    await phone.tap("askToRemove", "remove");
    await phone.tap("remove", "list");
    await other.page.bringToFront();
    await other.page.reload();
    await other.view("list").waitFor();
    assert.deepEqual(await listed(other), []);
  });
});

describe("an app that is told of requests", { concurrency: 2 }, () => {
  const notified = { permissions: ["notifications"] };

  /** The app's worker, and how to hand it what a push service would. */
  async function worker(phone) {
    await phone.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
    const devtools = await phone.person.context.newCDPSession(phone.page);
    const registered = new Promise((resolve) => {
      devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
        const one = registrations.find(({ scopeURL }) => scopeURL.endsWith("/app"));
        if (one) resolve(one.registrationId);
      });
    });
    await devtools.send("ServiceWorker.enable");
    const registrationId = await registered;
    const { origin } = new URL(phone.page.url());
    return (data) => devtools.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
  }

  const shown = (phone) => phone.page.evaluate(async () => {
    const notifications = await (await navigator.serviceWorker.ready).getNotifications();
    return notifications.map(({ title, body, lang, tag }) => ({ title, body, lang, tag }));
  });

  scene("what is pushed is shown once, and a tap on it leads to the request", async ({ person }) => {
    const ada = await person();
    const email = "pushed@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person, notified);
    await ada.goto("/account");
    await ada.signOut();
    await asks(ada, email);
    const id = await phone.page.locator("[data-requests] [data-do=answer]").getAttribute("data-request");
    const deliver = await worker(phone);
    const message = { request: id, title: "Chancery", text: "Jemand möchte sich anmelden", language: "de" };
    await deliver(JSON.stringify(message));
    await until("it is shown", async () => (await shown(phone)).length === 1);
    await deliver(JSON.stringify(message));
    await deliver("not for this app");
    assert.deepEqual(await shown(phone), [
      { title: "Chancery", body: "Jemand möchte sich anmelden", lang: "de", tag: `request-${id}` },
    ]);
    const serving = phone.person.context.serviceWorkers().find((one) => one.url().includes("/app/worker.js"));
    await serving.evaluate(async () => {
      const [notification] = await self.registration.getNotifications();
      self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    });
    await phone.view("request").waitFor();
    await until("it is closed", async () => (await shown(phone)).length === 0);
  });

  scene("where the browser never says whether it may, all goes on", async ({ person }) => {
    const ada = await person();
    const email = "unsettled@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person, notified);
    // As Chromium without a screen does: what is asked of its push service never settles.
    await phone.page.addInitScript(() => { PushManager.prototype.subscribe = () => new Promise(() => {}); });
    await phone.page.reload();
    await phone.page.locator("[data-push] [data-do=tellMe]").click();
    await phone.says(/asks whether this is allowed/);
    await noViolation(phone.page, "an app that may be told of requests");
    await ada.goto("/account");
    await ada.signOut();
    const challenge = await challenged(ada, email);
    await answers(ada, await phone.code(challenge));
    assert.equal(ada.path, "/account");
    await phone.tap("home", "list");
    await adds(ada, phone, "Another one");
  });

  scene("a subscription is told to the service, at once and whenever the app is opened", async ({ person }) => {
    const ada = await person();
    const email = "subscribed@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person, notified);
    const browser = createECDH("prime256v1");
    const p256dh = browser.generateKeys("base64url");
    // In place of the push service's half of the browser, which there is none of here.
    await phone.page.addInitScript(({ p256dh, auth }) => {
      let current = sessionStorage.getItem("subscribed");
      const subscription = () => {
        const key = Uint8Array.from(atob(current.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
        const endpoint = "https://updates.push.services.mozilla.com/wpush/v2/a";
        return {
          endpoint,
          options: { applicationServerKey: key.buffer },
          toJSON: () => ({ endpoint, keys: { p256dh, auth } }),
          unsubscribe: async () => {
            current = null;
            sessionStorage.removeItem("subscribed");
            return true;
          },
        };
      };
      PushManager.prototype.getSubscription = async () => current && subscription();
      PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
        if (!userVisibleOnly) throw new Error("not without being seen");
        current = btoa(String.fromCharCode(...applicationServerKey));
        sessionStorage.setItem("subscribed", current);
        return subscription();
      };
    }, { p256dh, auth: randomBytes(16).toString("base64url") });
    await phone.page.reload();
    const kept = () => phone.page.waitForResponse(/\/app\/v1\/push$/);
    const first = kept();
    await phone.page.locator("[data-push] [data-do=tellMe]").click();
    assert.deepEqual([(await first).status(), await (await first).json()], [200, { state: "kept" }]);
    await phone.says(/tells you from now on/);
    await noViolation(phone.page, "an app that is told of requests");
    const again = kept();
    await phone.page.reload();
    assert.equal((await again).status(), 200);
    await phone.page.locator("[data-push] [data-do=tellMeNot]").click();
    await phone.says(/tells you nothing any more/);
    await phone.page.locator("[data-push] [data-do=tellMe]").waitFor();
  });
});
