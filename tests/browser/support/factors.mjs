// Second factors from their first day to their last, in whatever language the pages are: nothing is found by its words.

import assert from "node:assert/strict";

import { PASSWORD } from "./people.mjs";
import { noViolation } from "./looks.mjs";
import { code } from "./totp.mjs";

/** A platform that keeps passkeys and verifies its user, as a telephone's own lock does. */
export const PLATFORM = {
  transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
};

const PIN = "4071";
const submit = "main form button.main";

/** An authenticator at a person's browser, which answers as if it were touched. */
export async function authenticator(person, options) {
  const session = await person.context.newCDPSession(person.page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", automaticPresenceSimulation: true, ...options },
  });
  const tell = (method, rest) => session.send(`WebAuthn.${method}`, { authenticatorId, ...rest });
  return {
    tell,
    /** Whether it is touched at once when it is asked; with autofill that would be before anybody has chosen. */
    isTouched: (enabled) => tell("setAutomaticPresenceSimulation", { enabled }),
    verifies: (isUserVerified) => tell("setUserVerified", { isUserVerified }),
    credentials: async () => (await tell("getCredentials")).credentials,
    /** Takes it away, so that another one can be asked alone. */
    isLeftAtHome: () => tell("removeVirtualAuthenticator"),
  };
}

const look = (person, name) => (person.scripts ? noViolation(person.page, name) : undefined);

const isAdded = (person) => assert.match(person.path, /^\/account\/security\?done=added/);

/** Out, and in again up to the choice. */
async function pastPassword(person, email) {
  await person.goto("/account");
  await person.signOut();
  await person.signIn(email, PASSWORD);
  assert.equal(person.path, "/login/verify");
  await look(person, "the choice");
}

/** Gives the only device another name, and takes it away. */
async function renamesAndRemoves(person) {
  const device = 'main a[href^="/account/security/device?device="]';
  await person.goto("/account/security");
  await person.press(device);
  await person.fill({ device_name: "Ωmega 2" });
  await person.press('form[action="/account/security/device/rename"] button');
  await person.reads(/Ωmega 2/);
  await look(person, "the list");
  await person.press(device);
  await look(person, "a device");
  await person.press('form[action="/account/security/device/remove"] button');
  assert.equal(person.path, "/account/security?done=removed");
  assert.equal(await person.page.locator(device).count(), 0);
}

/** Makes recovery codes, of which the first is typed back. */
export async function issuesCodes(person) {
  await person.goto("/account/security");
  await person.press('form[action="/account/security/codes"] button');
  await look(person, "recovery codes");
  const codes = await person.page.locator(".codes code").allTextContents();
  await person.fill({ recovery_code: codes[0] });
  await person.press(submit);
  assert.equal(person.path, "/account/security?done=codes-issued");
  return codes;
}

/** An app for one-time codes, and a recovery code in its place. */
export async function byApp(person, email) {
  await person.goto("/account/security/totp");
  await look(person, "adding an app");
  const secret = (await person.page.locator(".secret").textContent()).replaceAll(" ", "");
  await person.fill({ one_time_code: code(secret, 0) });
  await person.press(submit);
  isAdded(person);
  const codes = await issuesCodes(person);
  await pastPassword(person, email);
  await person.goto("/login/verify?method=totp");
  await look(person, "asked for a code");
  await person.fill({ one_time_code: code(secret, 1) });
  await person.press(submit);
  assert.equal(person.path, "/account");
  await pastPassword(person, email);
  await person.goto("/login/verify?method=recovery");
  await look(person, "asked for a recovery code");
  await person.fill({ recovery_code: codes[1] });
  await person.press(submit);
  assert.equal(person.path, "/account/security");
  await renamesAndRemoves(person);
}

/** A key that is used after the password. */
export async function byKey(person, email) {
  const key = await authenticator(person, { transport: "usb", hasResidentKey: false, hasUserVerification: false });
  await person.goto("/account/security/key");
  await look(person, "which key");
  await person.goto("/account/security/key?key=second");
  await look(person, "adding a key");
  await person.press("#security_key");
  isAdded(person);
  await pastPassword(person, email);
  await person.goto("/login/verify?method=key");
  await look(person, "asked for a key");
  await person.press("#security_key");
  assert.equal(person.path, "/account");
  await renamesAndRemoves(person);
  await key.isLeftAtHome();
}

/** Adds a passkey, whose authenticator is then touched no more: the page to sign in would take that for an answer. */
export async function addsPasskey(person) {
  const key = await authenticator(person, PLATFORM);
  await person.goto("/account/security/key?key=device");
  await look(person, "adding a passkey");
  await person.press("#security_key");
  isAdded(person);
  await key.isTouched(false);
  return key;
}

/** A passkey, which signs in before a name was typed. */
export async function byPasskey(person) {
  const key = await addsPasskey(person);
  await person.goto("/account");
  await person.signOut();
  await person.goto("/login");
  await look(person, "the sign-in page with a passkey");
  await key.isTouched(true);
  await person.goto("/login");
  await person.page.waitForURL("**/account");
  await renamesAndRemoves(person);
  await key.isLeftAtHome();
}

/** A mobile phone with SMS. Gives the text of its first message. */
export async function bySms(person, email, service, number) {
  await person.goto("/account/security/phone");
  await look(person, "the number");
  await person.fill({ phone_number: number });
  await person.press(submit);
  assert.equal(person.path, "/account/security/phone/code");
  await look(person, "its code");
  const { text, code: first } = await service.message(number);
  await person.fill({ sms_code: first });
  await person.press(submit);
  isAdded(person);
  await pastPassword(person, email);
  await person.goto("/login/verify?method=sms");
  await look(person, "before the message");
  await person.press("main form button[name=device]");
  await look(person, "after the message");
  await person.fill({ sms_code: (await service.message(number)).code });
  await person.press(submit);
  assert.equal(person.path, "/account");
  await renamesAndRemoves(person);
  return text;
}

/** The service's own app, in another browser. */
export async function byPhone(person, email, holder) {
  const { page } = holder;
  const view = (name) => page.locator(`[data-view=${name}]`);
  const tap = async (what, next) => {
    await page.locator(`[data-view]:not([hidden]) [data-do=${what}]`).first().click();
    if (next) await view(next).waitFor();
  };
  await person.goto("/account/security/mobile/add");
  await look(person, "naming a telephone");
  await person.fill({ device_name: "My telephone", pin: PIN, confirm_pin: PIN });
  await person.press(submit);
  assert.equal(person.path, "/account/security/mobile/pair");
  await look(person, "waiting for a telephone");
  await holder.goto(await person.page.locator('a[href*="/app#add="]').getAttribute("href"));
  await view("pin").waitFor();
  await noViolation(page, "the app asks for the PIN");
  await page.locator("#enrolment-pin").fill(PIN);
  await tap("initialise", "waiting");
  // The page that waits goes on by itself.
  await person.page.locator('form[action="/account/security/mobile/pair"]').waitFor();
  await look(person, "confirming a telephone");
  await person.press(submit);
  isAdded(person);
  await view("list").waitFor();
  await noViolation(page, "the app with a device");

  await pastPassword(person, email);
  await person.goto("/login/verify?method=qr");
  await look(person, "a challenge");
  const challenge = (await person.page.locator("main code.secret").innerText()).replace(/\s/g, "");
  await tap("code", "code");
  await page.locator("#challenge").fill(challenge);
  await page.locator("#challenge-pin").fill(PIN);
  await tap("showCode", "shown");
  await noViolation(page, "the app shows a code");
  await person.fill({ app_code: await page.locator("[data-code]").innerText() });
  await person.press(submit);
  assert.equal(person.path, "/account");

  await pastPassword(person, email);
  await person.goto("/login/verify?method=pin");
  await look(person, "a page that waits for the telephone");
  const number = (await person.page.locator("main .shown-code").innerText()).match(/[0-9]{2}$/)[0];
  await tap("home", "list");
  await page.locator("[data-requests] [data-do=answer]").waitFor();
  await tap("answer", "request");
  await noViolation(page, "the app shows a request");
  await page.locator("#request-number").fill(number);
  await tap("goOn", "approve");
  await page.locator("#approve-pin").fill(PIN);
  await tap("approve", "list");
  await person.page.waitForURL(/\/account$/);
  await renamesAndRemoves(person);
}

/** Says by mail that all devices are lost: they are suspended, and the sign-in asks for none of them. */
export async function loses(person, email, mail) {
  await pastPassword(person, email);
  await person.goto("/login/lost");
  await look(person, "lost devices");
  await person.press('form[action="/login/lost"] button');
  const { link } = await mail();
  await person.goto(link);
  await look(person, "the link of lost devices");
  await person.fill({ password: PASSWORD });
  await person.press(submit);
  await look(person, "suspended devices");
  await person.signIn(email, PASSWORD);
  const ways = await person.page.locator('main a[href*="method="]').evaluateAll((links) => links.map((link) => link.href));
  assert.ok(!ways.some((way) => /method=(totp|key|qr|pin|sms)/.test(way)), `nothing that is lost is asked for: ${ways}`);
}
