// The one story that everything is about, as a newcomer lives it: one browser, the default settings, mails at /dev/mail.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { town, PASSWORD } from "./support/people.mjs";
import { until } from "./support/until.mjs";

const { scenes } = town({ proxied: false });

/** What the log says of it. */
const STORY = [
  "created", "privacy_statement_accepted", "email_link_requested", "email_link_sent",
  "email_confirmed", "privacy_statement_accepted", "password_set", "signed_in", "signed_out",
  "signed_in", "signed_out",
  "password_reset_requested", "email_link_requested", "email_link_sent", "password_set",
  "sessions_ended", "signed_in", "signed_out",
  "sign_in_failed", "signed_in",
];

describe("from the form to the first sign-in, and back in", { concurrency: 2 }, () => {
  scenes("the whole story", async ({ person, service, scripts }) => {
    const email = scripts ? "ada@example.org" : "grace@example.org";
    const ada = await person();
    const { page } = ada;

    const openNewestMail = async (subject) => {
      await ada.goto("/dev/mail");
      const mail = page.getByRole("listitem").filter({ hasText: email }).getByRole("link", { name: subject });
      await until(`"${subject}" arrives`, async () => (await mail.count()) || (await page.reload(), false));
      await ada.press(mail.first());
    };

    await ada.goto(service.mailbox);
    assert.equal(ada.path, "/dev/mail", "the key leaves the address bar");
    await ada.goto("/");
    await ada.press(page.getByRole("link", { name: "Create an account" }));
    await page.getByLabel("First name").fill("Ada");
    await page.getByLabel("Last name").fill("Lovelace");
    await page.getByLabel("E-mail address", { exact: true }).fill(email);
    await page.getByLabel("Confirm e-mail address").fill(email);
    await page.getByLabel(/I have read the privacy statement/).check();
    await ada.send(page.getByRole("button", { name: "Create an account" }));
    assert.equal(ada.path, "/check-mail");
    await ada.reads(new RegExp(email));

    await openNewestMail("Confirm your e-mail address for Chancery");
    await ada.press(page.locator("pre").first().getByRole("link").first());
    await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("Confirm new password").fill(PASSWORD);
    await page.getByLabel(/I have read the privacy statement/).check();
    await ada.press(page.getByRole("button", { name: "Submit" }));
    assert.equal(ada.path, "/account?done=welcome");
    await ada.reads(/Ada Lovelace[^]*\(external\)/);
    const uid = await page.locator("dd code").innerText();
    assert.match(uid, /^n[0-9a-z]{7}$/);

    await ada.press(page.getByRole("button", { name: "Sign out", exact: true }));
    await ada.reads(/You are signed out/);
    assert.equal(await ada.cookie("session"), undefined);
    assert.ok(await ada.cookie("known"), "the browser stays known");

    await ada.press(page.getByRole("link", { name: "Sign in" }));
    await page.getByLabel("E-mail address or user ID").fill(uid);
    await ada.press(page.getByRole("button", { name: "Next" }));
    await ada.reads(new RegExp(`${uid}[^]*\\(external\\)`));
    assert.doesNotMatch(await ada.text(), new RegExp(email), "no address is looked up by uid");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await ada.press(page.getByRole("button", { name: "Sign in" }));
    assert.equal(ada.path, "/account");
    await ada.signOut();

    await ada.goto("/login");
    await ada.press(page.getByRole("link", { name: "Lost your password?" }));
    await page.getByLabel("E-mail address or user ID").fill(email.toUpperCase());
    await ada.send(page.getByRole("button", { name: "Get a password" }));
    assert.equal(ada.path, "/check-mail");
    await openNewestMail("Set a new password for Chancery");
    await ada.press(page.locator("pre").first().getByRole("link").first());
    await page.getByLabel("New password", { exact: true }).fill("Another 8 horse stapled?");
    await page.getByLabel("Confirm new password").fill("Another 8 horse stapled?");
    await ada.press(page.getByRole("button", { name: "Submit" }));
    assert.equal(ada.path, "/account?done=password-reset");
    assert.ok(await ada.isSignedIn());
    await openNewestMail("Your password for Chancery was changed");

    await ada.goto("/account");
    await ada.signOut();
    await ada.signIn(email, PASSWORD);
    await ada.reads(/We could not sign you in/);
    await ada.signIn(email, "Another 8 horse stapled?");
    assert.equal(ada.path, "/account?done=asked-again");

    // And the log shows every step.
    const history = await service.command("audit", "history", uid, "--json");
    const types = history.trim().split("\n").map((line) => JSON.parse(line).type.replace(/^account\./, ""));
    assert.deepEqual(types, STORY);
  });
});
