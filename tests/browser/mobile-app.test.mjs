// The service's own app on a telephone: enrolled by link, by typing and by the camera, and good for a code without a network.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";

import { issuesCodes } from "./support/factors.mjs";
import { noViolation } from "./support/looks.mjs";
import { Person, PASSWORD, launch, town } from "./support/people.mjs";
import {
  PIN, Phone, answers, asks, challenged, confirms, enrolled, filming, fine, hold, linkOn, names, telephone,
} from "./support/phone.mjs";

const { scene, scenes } = town();

describe("the mobile app", { concurrency: 2 }, () => {
  scene("a telephone is added by a link, signs in without a network, and is removed", async ({ person }) => {
    const ada = await person();
    const email = "phone@example.org";
    await ada.joins(email);
    await names(ada);
    const phone = await telephone(person);
    await noViolation(phone.page, "the app without devices");
    await phone.opens(await linkOn(ada, /Open the app here/));
    await phone.view("pin").waitFor();
    assert.equal(new URL(phone.page.url()).hash, "", "what the link holds does not stay in the address");
    await noViolation(phone.page, "the app asks for the PIN");
    await phone.initialise("9316");
    await phone.page.locator("#enrolment-pin-error", { hasText: /Tries left/ }).waitFor();
    await phone.initialise(PIN);
    await phone.view("waiting").waitFor();
    await noViolation(phone.page, "the app waits");
    await confirms(ada);
    await phone.says(/My telephone/);
    await noViolation(phone.page, "the app with a device");

    await ada.goto("/account");
    await ada.signOut();
    // From here on the telephone has no network, and its browser was closed in between.
    await phone.page.waitForFunction(() => navigator.serviceWorker.ready.then(() => true));
    await phone.page.reload();
    await phone.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await phone.person.context.setOffline(true);
    await phone.page.reload();
    let challenge = await challenged(ada, email);
    await answers(ada, await phone.code(challenge, "9316"));
    await ada.mustCorrect("app_code");
    challenge = (await ada.page.locator("main code.secret").innerText()).replace(/\s/g, "");
    await phone.tap("home", "list");
    const code = await phone.code(challenge);
    await noViolation(phone.page, "the app shows a code");
    await answers(ada, code);
    assert.equal(ada.path, "/account");

    await ada.goto("/account/security");
    await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
    await ada.press(ada.page.getByRole("button", { name: "Remove this device" }));
    await ada.reads(/no second factor yet/);
    await phone.tap("home", "list");
    await phone.tap("askToRemove", "remove");
    await noViolation(phone.page, "the app asks before it forgets a device");
    await phone.tap("remove", "list");
    await phone.says(/My telephone/);
  });

  scenes("who cannot scan types, and five wrong PINs end it", async ({ person, scripts }) => {
    const ada = await person();
    await ada.joins(`typed-${scripts}@example.org`);
    await names(ada);
    const [uid, code] = await ada.page.locator("main code.secret").allInnerTexts();
    const phone = await telephone(person, { scripts: true });
    await phone.tap("add", "add");
    await noViolation(phone.page, "the app asks for uid and code");
    await phone.page.locator("#enrolment-uid").fill(uid.toUpperCase());
    await phone.page.locator("#enrolment-code").fill(code.toLowerCase().replace("-", " "));
    await phone.tap("look", "pin");
    // Fewer than five where the counters have just begun.
    let tries = 0;
    for (let told = ""; told !== null; tries += 1) {
      await phone.initialise("9316");
      const answer = await phone.page.waitForFunction((before) => {
        const left = document.querySelector("#enrolment-pin-error").textContent;
        return (!document.querySelector("[data-view=list]").hidden && { left: null }) || (left && left !== before && { left });
      }, told);
      told = (await answer.jsonValue()).left;
    }
    assert.ok(tries > 1 && tries <= 5, `${tries} tries`);
    await phone.says(/begin again/i);
    // With scripts the page that waits goes there by itself, and would be met on its way.
    if (scripts) await ada.page.waitForURL(/\/account\/security\/mobile\?done=ended$/);
    else await ada.goto("/account/security/mobile/pair");
    assert.equal(ada.path, "/account/security/mobile?done=ended");
    await fine(ada, "an enrolment that ended");
  });
});

describe("requests that the mobile app shows", { concurrency: 2 }, () => {
  scenes("the number and the PIN open, and the page goes on by itself", async ({ person, scripts }) => {
    const ada = await person();
    const email = `pin-${scripts}@example.org`;
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await ada.goto("/account");
    await ada.signOut();
    const number = await asks(ada, email);
    await phone.page.locator("[data-requests] [data-do=answer]").waitFor();
    await noViolation(phone.page, "the app with a request");
    await phone.tap("answer", "request");
    await noViolation(phone.page, "the app shows a request");
    await phone.page.locator("#request-number").fill(number);
    await phone.tap("goOn", "approve");
    await noViolation(phone.page, "the app asks for the PIN of a request");
    await phone.page.locator("#approve-pin").fill("9316");
    await phone.tap("approve");
    await phone.page.locator("#approve-pin-error", { hasText: /4/ }).waitFor();
    await phone.page.locator("#approve-pin").fill(PIN);
    await phone.tap("approve", "list");
    await phone.says(/Confirmed/);
    if (scripts) await ada.page.waitForURL(/\/account$/);
    else await ada.press("main form button.main");
    assert.equal(ada.path, "/account");

    await ada.signOut();
    // Both factors were proved in this browser: here the password may be left out, and is one of the methods.
    await ada.goto("/login");
    await ada.fill({ name: email });
    await ada.press("main form button.main");
    await ada.reads(/without your password[^]*Mobile App PIN Code[^]*You need your password/);
    await fine(ada, "the methods before the password");
    await ada.press(ada.page.getByRole("link", { name: /Mobile App PIN Code/ }));
    await phone.page.locator("[data-requests] [data-do=answer]").waitFor();
    await phone.tap("answer", "request");
    await phone.page.locator("#request-number").fill("00");
    await phone.tap("goOn", "approve");
    await phone.page.locator("#approve-pin").fill(PIN);
    await phone.tap("approve", "list");
    await phone.says(/not the number on the page/);
    if (!scripts) await ada.press("main form button.main");
    await ada.page.getByText(/not the one on this page/).waitFor();
    await fine(ada, "a request that is over");
    await ada.press(ada.page.getByRole("button", { name: /Ask my telephone again/ }));
    await phone.page.locator("[data-requests] [data-do=answer]").waitFor();
    await phone.tap("answer", "request");
    await phone.tap("askToDeny", "deny");
    await noViolation(phone.page, "the app asks before it denies");
    await phone.tap("deny", "list");
    await phone.says(/no longer works/);
    if (scripts) await ada.page.waitForURL(/\/login$/);
  });

  scene("the PIN is changed in the app", async ({ person }) => {
    const ada = await person();
    const email = "another-pin@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    await ada.goto("/account");
    await ada.signOut();
    const change = async (old, next, again = next) => {
      await phone.page.locator("#old-pin").fill(old);
      await phone.page.locator("#new-pin").fill(next);
      await phone.page.locator("#new-pin-again").fill(again);
      await phone.tap("changePin");
    };
    await phone.tap("askToChangePin", "changePin");
    await noViolation(phone.page, "the app changes the PIN");
    await change(PIN, "1234");
    await phone.page.locator("#new-pin-error", { hasText: /guess/ }).waitFor();
    await change(PIN, "9316", "9317");
    await phone.page.locator("#new-pin-again-error", { hasText: /differ/ }).waitFor();
    await change("8888", "9316");
    await phone.page.locator("#old-pin-error", { hasText: /4/ }).waitFor();
    await change(PIN, "9316");
    await phone.says(/PIN was changed/);
    const challenge = await challenged(ada, email);
    await answers(ada, await phone.code(challenge, "9316"));
    assert.equal(ada.path, "/account");
  });

  scene("five wrong PINs in a row block the telephone, until a recovery code puts it in force again", async ({ person }) => {
    const ada = await person();
    const email = "blocked@example.org";
    await ada.joins(email);
    const phone = await enrolled(ada, person);
    const codes = await issuesCodes(ada);
    await ada.goto("/account");
    await ada.signOut();
    const number = await asks(ada, email);
    await phone.page.locator("[data-requests] [data-do=answer]").waitFor();
    await phone.tap("answer", "request");
    await phone.page.locator("#request-number").fill(number);
    await phone.tap("goOn", "approve");
    for (const [pin, left] of [["9310", "4"], ["9311", "3"], ["9312", "2"], ["9313", "1"]]) {
      await phone.page.locator("#approve-pin").fill(pin);
      await phone.tap("approve");
      await phone.page.locator("#approve-pin-error", { hasText: left }).waitFor();
    }
    await phone.page.locator("#approve-pin").fill("9314");
    await phone.tap("approve", "list");
    await phone.says(/This device is blocked/);
    await phone.page.locator("[data-void]", { hasText: /This device is blocked/ }).waitFor();
    await noViolation(phone.page, "the app with a device that is blocked");

    // The page that waited says so by itself, and the telephone is none of its ways any more.
    await ada.page.getByText(/the telephone is blocked/).waitFor();
    assert.equal(await ada.page.getByRole("link", { name: /Mobile App (PIN|QR) Code/ }).count(), 0);
    await fine(ada, "a telephone that is blocked");
    await ada.goto("/login/verify?method=recovery");
    await ada.fill({ recovery_code: codes[1] });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security");
    await ada.reads(/Blocked: the PIN was wrong too often/);
    await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
    await ada.reads(/wrong five times in a row/);
    await fine(ada, "a device that is blocked");
    await ada.press(ada.page.getByRole("button", { name: "Put this device in force again" }));
    assert.equal(ada.path, "/account/security?done=resumed");

    await ada.goto("/account");
    await ada.signOut();
    await phone.page.reload();
    await phone.view("list").waitFor();
    const challenge = await challenged(ada, email);
    await answers(ada, await phone.code(challenge));
    assert.equal(ada.path, "/account");
  });

  scene("on the telephone itself the app opens by itself, and leads back", async ({ person }) => {
    const mobile = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const userAgent = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36";
    const ada = await person({ ...mobile, userAgent });
    const email = "on-mobile@example.org";
    await ada.joins(email);
    await names(ada);
    const phone = new Phone(ada);
    const second = await ada.context.newPage();
    phone.page = second;
    await second.goto(new URL(await linkOn(ada, /Open the app here/), ada.page.url()).href);
    await phone.initialise(PIN);
    await phone.view("waiting").waitFor();
    await ada.page.bringToFront();
    await confirms(ada);
    await phone.says(/My telephone/);
    await second.close();
    phone.page = ada.page;
    await ada.goto("/account");
    await ada.signOut();
    await ada.signIn(email, PASSWORD);
    await ada.page.getByRole("link", { name: /On Mobile/ }).click();
    await phone.view("request").waitFor();
    assert.equal(await ada.page.locator("#request-number").isVisible(), false);
    await phone.tap("goOn", "approve");
    await ada.page.locator("#approve-pin").fill(PIN);
    await phone.tap("approve");
    await ada.page.waitForURL(/\/account$/);
  });
});

describe("the mobile app's camera", () => {
  const folder = mkdtempSync(join(tmpdir(), "chancery-camera-"));
  const film = join(folder, "film.y4m");
  const place = {};
  before(async () => {
    place.browser = await launch(filming(film));
  });
  after(async () => {
    await place.browser?.close();
    rmSync(folder, { recursive: true });
  });

  scene("a telephone scans the enrolment, and the challenge", async ({ person, service }) => {
    const ada = await person();
    const email = "camera@example.org";
    await ada.joins(email);
    await names(ada);
    const context = await place.browser.newContext({ viewport: { width: 360, height: 740 }, permissions: ["camera"] });
    const holder = new Person(service, context, true);
    await holder.tab();
    await holder.goto("/app");
    const phone = new Phone(holder);
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
    await phone.tap("scan");
    await answers(ada, await phone.codeAfter());
    assert.equal(ada.path, "/account");
    assert.deepEqual(holder.faults, []);
    await context.close();
  });
});
