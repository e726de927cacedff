// The whole story, and the account's own page, on a phone's screen, in Greek, without a mouse: Tab, Enter, Space and
// typing.

import assert from "node:assert/strict";

import { PASSWORD, town } from "./support/people.mjs";
import { noSidewaysScroll, visibleFocus } from "./support/looks.mjs";
import { until } from "./support/until.mjs";

const { scene } = town({ proxied: false });

const PHONE = { locale: "el-GR", viewport: { width: 360, height: 740 }, hasTouch: false };

/** Presses Tab until the element is in focus; every stop on the way can be seen. */
async function tabTo(person, selector) {
  const { page } = person;
  const here = () => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  for (let presses = 0; !(await here()); presses += 1) {
    assert.ok(presses < 80, `Tab reaches ${selector} at ${person.path}`);
    await page.keyboard.press("Tab");
    await visibleFocus(page);
  }
}

const type = async (person, id, text) => {
  await tabTo(person, `#${id}`);
  await person.page.keyboard.insertText(text);
};

const enter = (person) => person.leads(() => person.page.keyboard.press("Enter"));

async function submit(person, button = "main form button.main") {
  await tabTo(person, button);
  await enter(person);
  await noSidewaysScroll(person.page);
}

async function openNewestMail(person) {
  const { page } = person;
  await person.goto("/dev/mail");
  const known = person.mails ?? 0;
  const rows = page.locator("main li a");
  person.mails = await until("a mail arrives", async () => {
    const count = await rows.count();
    if (count > known) return count;
    await page.reload();
    return 0;
  });
  await tabTo(person, "main li:first-child a");
  await enter(person);
  await noSidewaysScroll(page);
  await tabTo(person, 'pre a[href*="/l/"]');
  await enter(person);
}

scene("from the form to the first sign-in, and back in", async ({ person, service }) => {
  const eleni = await person(PHONE);
  const { page } = eleni;
  const email = "eleni@example.org";
  await eleni.goto(service.mailbox);

  await eleni.goto("/");
  assert.equal(await page.locator("html").getAttribute("lang"), "el");
  await tabTo(eleni, 'a[href="/register"]');
  await enter(eleni);
  await eleni.hasFocus("first_name");
  await page.keyboard.insertText("Ελένη");
  // Enter in a field sends the form; what is wrong is in focus then, and what was typed stays.
  await enter(eleni);
  await eleni.mustCorrect("last_name");
  await page.keyboard.insertText("Παπαδοπούλου");
  await type(eleni, "email", email);
  await type(eleni, "confirm_email", email);
  await tabTo(eleni, "#privacy");
  await page.keyboard.press("Space");
  await submit(eleni);
  assert.equal(eleni.path, "/check-mail");
  await eleni.reads(/Δείτε τα μηνύματά σας/);

  await openNewestMail(eleni);
  await eleni.hasFocus("new_password");
  await page.keyboard.insertText(PASSWORD);
  await type(eleni, "confirm_password", PASSWORD);
  await tabTo(eleni, "#show-password");
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#new_password").getAttribute("type"), "text");
  await tabTo(eleni, "#privacy");
  await page.keyboard.press("Space");
  await submit(eleni);
  assert.equal(eleni.path, "/account?done=welcome");
  await eleni.reads(/Ελένη Παπαδοπούλου/);

  await tabTo(eleni, 'form[action="/sign-out"] button');
  await enter(eleni);
  await tabTo(eleni, 'main a[href="/login"]');
  await enter(eleni);
  await eleni.hasFocus("name");
  await page.keyboard.insertText(email);
  await enter(eleni);
  await eleni.hasFocus("password");
  await page.keyboard.insertText("Λάθος 1 password!");
  await enter(eleni);
  await eleni.hasFocus("password");
  await page.keyboard.insertText(PASSWORD);
  await enter(eleni);
  assert.equal(eleni.path, "/account");
  await noSidewaysScroll(page);
  await tabTo(eleni, 'form[action="/sign-out"] button');
  await enter(eleni);

  await eleni.goto("/login");
  await tabTo(eleni, 'a[href="/lost-password"]');
  await enter(eleni);
  await eleni.hasFocus("name");
  await page.keyboard.insertText(email);
  await submit(eleni);
  assert.equal(eleni.path, "/check-mail");
  await openNewestMail(eleni);
  await eleni.hasFocus("new_password");
  await page.keyboard.insertText("Μια νέα 2 Password!");
  await type(eleni, "confirm_password", "Μια νέα 2 Password!");
  await submit(eleni);
  assert.equal(eleni.path, "/account?done=password-reset");
});

scene("my account: a language, a password, and sessions that end", async ({ person, service }) => {
  const [nikos, other] = [await person(PHONE), await person()];
  const { page } = nikos;
  const email = "nikos@example.org";
  const changed = "Μια νέα 2 Password!";
  await nikos.joins(email);

  await tabTo(nikos, "#mail_language");
  assert.equal(await page.locator("#mail_language").inputValue(), "el");
  // A letter chooses the first language whose name begins with it.
  await page.keyboard.press("f");
  assert.equal(await page.locator("#mail_language").inputValue(), "fr");
  await submit(nikos, 'form[action="/account/language"] button');
  assert.equal(nikos.path, "/account?done=language-changed");
  assert.equal(await page.locator("#mail_language").inputValue(), "fr");

  await type(nikos, "current_password", PASSWORD);
  await type(nikos, "new_password", changed);
  await type(nikos, "confirm_password", changed);
  await submit(nikos, 'form[action="/account/password"] button');
  assert.equal(nikos.path, "/account?done=password-changed");
  await nikos.reads(/Ο κωδικός πρόσβασής σας άλλαξε/);
  await service.mail(email, /^Votre mot de passe /);

  await other.signIn(email, changed);
  assert.ok(await other.isSignedIn());
  await nikos.goto("/account");
  await submit(nikos, 'form[action="/account/sessions/end"] button');
  assert.equal(nikos.path, "/account?done=session-ended");
  assert.ok(await nikos.isSignedIn());
  assert.ok(!(await other.isSignedIn()));

  await other.signIn(email, changed);
  assert.ok(await other.isSignedIn());
  await submit(nikos, 'form[action="/sign-out/everywhere"] button');
  await nikos.reads(/Όλες οι συνδέσεις σας τερματίστηκαν/);
  assert.ok(!(await nikos.isSignedIn()));
  assert.ok(!(await other.isSignedIn()));
});
