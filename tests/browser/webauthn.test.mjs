// Security keys and trusted platforms, by the browser's own virtual authenticators.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PLATFORM, authenticator } from "./support/factors.mjs";
import { PASSWORD, town } from "./support/people.mjs";
import { noViolation } from "./support/looks.mjs";
import { until } from "./support/until.mjs";

const { scene } = town();

const USB = { ...PLATFORM, transport: "usb" };
/** A key of the first generation: it is touched and knows no more. */
const PLAIN = { transport: "usb", hasResidentKey: false, hasUserVerification: false };

/** A key that could keep a passkey, and cannot tell who touches it. */
const TOUCHED = { ...USB, hasUserVerification: false, isUserVerified: false };

const submit = "#security_key";

/** Somebody in a new account, at the page on which a kind of key is added. */
async function adding(ada, email, link) {
  await ada.joins(email);
  await ada.goto("/account/security");
  await ada.press(ada.page.getByRole("link", { name: "Add a security key or trusted platform", exact: true }));
  await noViolation(ada.page, "which key");
  await ada.press(ada.page.getByRole("link", { name: link }));
  await noViolation(ada.page, "adding a key");
}

/** Waits until the page says so beside its button. */
async function told(ada, words) {
  await ada.page.locator("[data-security-key-text]", { hasText: words }).waitFor();
}

describe("security keys and trusted platforms", { concurrency: 2 }, () => {
  const kinds = [
    ["the platform", PLATFORM, "This device", true],
    ["a key with a PIN, also without the password", USB, "A key or another device", true],
    ["a key with a PIN, after the password", USB, "A key, after the password", false],
    ["a key that is only touched", PLAIN, "A key, after the password", false],
    ["a key with a PIN that keeps no passkeys", { ...USB, hasResidentKey: false }, "A key, after the password", false],
    ["a key that keeps passkeys and is only touched", TOUCHED, "A key, after the password", false],
  ];
  for (const [name, options, link, resident] of kinds) {
    scene(`${name} is added, used, renamed and removed`, async ({ person }) => {
      const ada = await person();
      const key = await authenticator(ada, options);
      const email = `key-${kinds.findIndex(([other]) => other === name)}@example.org`;
      await adding(ada, email, link);
      await ada.press(submit);
      assert.equal(ada.path, "/account/security?done=added-without-codes");
      const [made, ...more] = await key.credentials();
      assert.deepEqual([made.isResidentCredential, made.rpId, more.length], [resident, "localhost", 0]);
      await noViolation(ada.page, "security");

      // The same authenticator is not added a second time.
      await ada.goto(`/account/security/key?key=${options === PLATFORM ? "device" : "second"}`);
      await ada.page.locator(submit).click();
      await told(ada, "belongs to your account already");
      assert.equal((await key.credentials()).length, 1);

      await ada.goto("/account");
      await key.isTouched(false);
      await ada.signOut();
      await ada.signIn(email, PASSWORD);
      assert.equal(ada.path, "/login/verify");
      await key.isTouched(true);
      await ada.press(ada.page.getByRole("link", { name: /^Security Key or Trusted Platform/ }));
      await noViolation(ada.page, "asked for a key");
      await ada.press(submit);
      assert.equal(ada.path, "/account");

      await ada.goto("/account/security");
      await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
      await ada.fill({ device_name: "Blue key" });
      await ada.press('form[action="/account/security/device/rename"] button');
      await ada.reads(/Blue key/);
      await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
      await ada.press(ada.page.getByRole("button", { name: "Remove this device" }));
      await ada.reads(/no second factor yet/);
      // What is gone is not proposed any more, where the browser can be told.
      if (resident) await until("the key has forgotten", async () => (await key.credentials()).length === 0);
    });
  }

  scene("a key that cannot verify its user is no passkey, and one that fails to is told so", async ({ person }) => {
    const ada = await person();
    const key = await authenticator(ada, { ...USB, isUserVerified: false });
    await adding(ada, "no-passkey@example.org", "A key or another device");
    await ada.page.locator(submit).click();
    await told(ada, "Nothing was received");
    await noViolation(ada.page, "a key that did not answer");
    assert.equal((await key.credentials()).length, 0);
    await key.verifies(true);
    await ada.press(submit);
    assert.equal(ada.path, "/account/security?done=added-without-codes");
    await ada.goto("/account");
    await key.isTouched(false);
    await ada.signOut();
    await ada.signIn("no-passkey@example.org", PASSWORD);
    await key.isTouched(true);
    await key.verifies(false);
    await ada.press(ada.page.getByRole("link", { name: /^Security Key or Trusted Platform/ }));
    await ada.page.locator(submit).click();
    await told(ada, "Nothing was received");
    assert.equal(await ada.isSignedIn(), false);
  });

  for (const [name, options] of [["keeps none", { ...USB, hasResidentKey: false }], ["is only touched", TOUCHED]]) {
    scene(`a key that ${name} is no passkey`, async ({ person }) => {
      const ada = await person();
      const key = await authenticator(ada, options);
      await adding(ada, `none-${name.replaceAll(" ", "-")}@example.org`, "A key or another device");
      await ada.page.locator(submit).click();
      await told(ada, "Nothing was received");
      assert.equal((await key.credentials()).length, 0);
    });
  }

  for (const way of ["the button", "autofill"]) {
    scene(`a passkey signs in before a name was typed, by ${way}`, async ({ person }) => {
      const ada = await person();
      const key = await authenticator(ada, PLATFORM);
      await adding(ada, `first-${way === "autofill" ? 1 : 2}@example.org`, "This device");
      await ada.press(submit);
      await ada.goto("/account");
      await key.isTouched(false);
      await ada.signOut();
      if (way === "the button") {
        // This authenticator answers autofill by itself, which might be sooner than the button.
        await ada.page.addInitScript(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
      }
      await ada.goto("/login");
      await noViolation(ada.page, "the sign-in page with a passkey");
      await key.isTouched(true);
      if (way === "the button") {
        await ada.press(ada.page.getByRole("button", { name: "Sign in with a passkey" }));
      } else {
        await ada.goto("/login");
        await ada.page.waitForURL("**/account");
      }
      assert.equal(ada.path, "/account");
      await ada.goto("/account/security/key?key=second");
      assert.equal(ada.path, "/account/security/key?key=second", "it is as strong as any key");
    });
  }

  scene("autofill asks anew at half of its question's life, and only while the page is seen", async ({ person }) => {
    const ada = await person();
    await authenticator(ada, PLATFORM);
    let asked = 0;
    ada.page.on("request", (request) => { if (request.url().endsWith("/login/passkey/question")) asked += 1; });
    const hasAsked = (times) => until(`${times} questions`, async () => asked === times);
    const shows = (hidden) => ada.page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { value, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    await ada.page.clock.install();
    await ada.goto("/login");
    await hasAsked(1);
    await ada.page.clock.fastForward(110_000);
    await shows(false);
    assert.equal(asked, 1, "the question is young enough");
    await ada.page.clock.fastForward(10_000);
    await hasAsked(2);
    await shows(true);
    await ada.page.clock.fastForward(600_000);
    await shows(false);
    await hasAsked(3);
  });

  scene("too many questions are told as such", async ({ person }) => {
    const ada = await person();
    await authenticator(ada, PLATFORM);
    await ada.page.route("**/login/passkey/question", (route) => route.fulfill({ status: 429 }));
    await ada.goto("/login");
    await ada.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await told(ada, "Too many passkeys were asked for");
    await noViolation(ada.page, "too many questions");
  });

  scene("a copy of a key gives itself away by its counter", async ({ person, service }) => {
    const ada = await person();
    const key = await authenticator(ada, PLAIN);
    await adding(ada, "copy@example.org", "A key, after the password");
    await ada.press(submit);
    const [copy] = await key.credentials();
    const signIn = async () => {
      await ada.goto("/account");
      await ada.signOut();
      await ada.signIn("copy@example.org", PASSWORD);
      await ada.press(ada.page.getByRole("link", { name: /^Security Key or Trusted Platform/ }));
      await ada.press(submit);
    };
    await signIn();
    await signIn();
    assert.equal(ada.path, "/account");
    await key.tell("removeCredential", { credentialId: copy.credentialId });
    await key.tell("addCredential", { credential: copy });
    await ada.signOut();
    await ada.signIn("copy@example.org", PASSWORD);
    await ada.press(ada.page.getByRole("link", { name: /^Security Key or Trusted Platform/ }));
    await ada.press(submit);
    await ada.mustCorrect("security_key");
    await noViolation(ada.page, "a key that was refused");
    await until("the owner is told", async () => /hints at a copy of it/.test((await service.mail("copy@example.org")).text));
  });

  scene("with scripts off the page says what to do instead", async ({ person }) => {
    const ada = await person({ scripts: false });
    await ada.joins("no-scripts@example.org");
    await ada.goto("/account/security/key?key=second");
    await ada.reads(/need scripts, which are off in your browser/);
    await ada.press(submit);
    await ada.mustCorrect("security_key");
  });
});
