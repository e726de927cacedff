// Signing in and out, and what people do with their account.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";

const { scenes } = town();

describe("signing in", { concurrency: 3 }, () => {
  scenes("says one sentence for every cause", async ({ person, scripts }) => {
    const [ada, eve] = [await person({ scripts: true }), await person()];
    const email = `wrong-${scripts}@example.org`;
    await ada.joins(email);
    const told = [];
    for (const name of [email, "nobody@example.org", "nzzzzzzz"]) {
      await eve.signIn(name, "Not the 1 password!");
      told.push((await eve.text()).replaceAll(name, "NAME"));
      await eve.hasFocus("password");
    }
    assert.match(told[0], /We could not sign you in/);
    assert.deepEqual(new Set(told).size, 1);
    await eve.goto("/login");
    await eve.press("main form button.main");
    await eve.mustCorrect("name");
    await eve.fill({ name: email });
    await eve.press("main form button.main");
    await eve.press("main form button.main");
    await eve.mustCorrect("password");
    await eve.fill({ password: PASSWORD });
    await eve.press("main form button.main");
    assert.equal(eve.path, "/account");
  });

  scenes("the name can be changed on the way", async ({ person }) => {
    const ada = await person();
    await ada.goto("/login");
    await ada.fill({ name: "  Someone@Example.org" });
    await ada.press("main form button.main");
    await ada.reads(/Someone@Example\.org\s*\(external\)/);
    await ada.press(ada.page.getByRole("link", { name: "Use another name" }));
    assert.equal(ada.path, "/login");
  });

  scenes("a reload of the second page begins anew, the language switch too", async ({ person }) => {
    const ada = await person();
    await ada.goto("/login");
    await ada.fill({ name: "ada@example.org" });
    await ada.press("main form button.main");
    await ada.press(ada.page.getByRole("link", { name: "Deutsch" }));
    assert.equal(new URL(ada.page.url()).pathname, "/login");
    assert.equal(await ada.page.locator("html").getAttribute("lang"), "de");
  });

  scenes("leads on to the page that was wanted", async ({ person, scripts }) => {
    const ada = await person({ scripts: true });
    const email = `wanted-${scripts}@example.org`;
    await ada.joins(email);
    const other = await person();
    await other.goto("/account");
    assert.equal(other.path, "/login?target=/account");
    await other.goto("/login?target=/help");
    await other.fill({ name: email });
    await other.press("main form button.main");
    await other.fill({ password: PASSWORD });
    await other.press("main form button.main");
    assert.equal(other.path, "/help");
  });

  scenes("a public computer is told apart, and never becomes known", async ({ person, scripts }) => {
    const ada = await person({ scripts: true });
    const email = `public-${scripts}@example.org`;
    await ada.joins(email);
    const library = await person();
    await library.signIn(email, PASSWORD, { publicComputer: true });
    assert.equal(library.path, "/account");
    await library.reads(/public computer/);
    assert.equal(await library.cookie("known"), undefined);
  });

  scenes("signing out in one tab is seen in the other", async ({ person, scripts }) => {
    const ada = await person();
    const email = `tabs-${scripts}@example.org`;
    await ada.joins(email);
    const first = ada.page;
    const second = await ada.tab();
    await ada.goto("/account");
    await ada.signOut();
    await ada.reads(/You are signed out/);
    ada.page = first;
    await ada.page.reload();
    assert.equal(new URL(ada.page.url()).pathname, "/login");
    ada.page = second;
    await ada.page.goBack();
    assert.equal(new URL(ada.page.url()).pathname, "/login", "going back shows nothing of the account");
  });
});

describe("my account", { concurrency: 3 }, () => {
  scenes("the password is changed, other sessions end, and the person is told", async ({ person, service, scripts }) => {
    const [ada, other] = [await person(), await person()];
    const email = `change-${scripts}@example.org`;
    await ada.joins(email);
    await other.signIn(email);
    const button = ada.page.getByRole("button", { name: "Change password" });

    await ada.press(button);
    await ada.mustCorrect("current_password");
    assert.equal(await ada.page.locator("#new_password-error").count(), 1);
    await ada.fill({ current_password: "Not the 1 password!", new_password: "A new 2 password!", confirm_password: "A new 2 password!" });
    await ada.press(button);
    await ada.mustCorrect("current_password");
    await ada.fill({ current_password: PASSWORD, new_password: "short", confirm_password: "shorter" });
    await ada.press(button);
    await ada.mustCorrect("new_password");
    assert.equal(await ada.page.locator("#confirm_password-error").count(), 1);
    await ada.fill({ current_password: PASSWORD, new_password: "A new 2 password!", confirm_password: "A new 2 password!" });
    await ada.press(button);
    assert.equal(ada.path, "/account?done=password-changed");
    assert.equal((await service.mail(email)).subject, "Your password for Chancery was changed");

    await other.page.reload();
    await other.reads(/Your session has ended/);
    await other.signIn(email, PASSWORD);
    await other.reads(/We could not sign you in/);
    await other.signIn(email, "A new 2 password!");
    assert.equal(other.path, "/account?done=asked-again");
  });

  scenes("a session is ended from another", async ({ person, scripts }) => {
    const [ada, other] = [await person(), await person()];
    const email = `sessions-${scripts}@example.org`;
    await ada.joins(email);
    await other.signIn(email);
    await ada.page.reload();
    const end = ada.page.getByRole("button", { name: "End", exact: true });
    assert.equal(await end.count(), 1, "this browser's own session has no such button");
    await ada.press(end);
    assert.equal(ada.path, "/account?done=session-ended");
    assert.ok(await ada.isSignedIn());
    assert.ok(!(await other.isSignedIn()));
    await other.page.reload();
    await other.reads(/Your session has ended/);
  });

  scenes("signing out everywhere ends all and forgets the browsers", async ({ person, scripts }) => {
    const [ada, other] = [await person(), await person()];
    const email = `everywhere-${scripts}@example.org`;
    await ada.joins(email);
    await other.signIn(email);
    await ada.press(ada.page.getByRole("button", { name: "Sign out everywhere" }));
    await ada.reads(/All your sessions have ended/);
    assert.ok(!(await ada.isSignedIn()));
    assert.ok(!(await other.isSignedIn()));
    await ada.signIn(email);
    assert.equal(ada.path, "/account?done=asked-again");
  });

  scenes("mails come in the language that was chosen", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `language-${scripts}@example.org`;
    await ada.joins(email);
    await ada.page.locator("#mail_language").selectOption("fr");
    await ada.press(ada.page.getByRole("button", { name: "Save" }));
    assert.equal(ada.path, "/account?done=language-changed");
    assert.equal(await ada.page.locator("#mail_language").inputValue(), "fr");
    assert.equal(await ada.page.locator("html").getAttribute("lang"), "en", "the pages' own language stays");
    await ada.fill({ current_password: PASSWORD, new_password: "A new 2 password!", confirm_password: "A new 2 password!" });
    await ada.press(ada.page.getByRole("button", { name: "Change password" }));
    assert.match((await service.mail(email)).subject, /mot de passe/);
  });

  scenes("last sign-ins are listed with their browser", async ({ person, scripts }) => {
    const ada = await person({
      userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    });
    const email = `listed-${scripts}@example.org`;
    await ada.joins(email);
    await ada.page.getByText("Firefox on Linux").first().waitFor();
    // A projection that follows: the newest one can be missing for a moment.
    const list = ada.page.locator("section", { has: ada.page.locator("#sign-ins") }).locator("time");
    while ((await list.count()) === 0) await ada.page.reload();
    // In the person's own time zone, which only a script knows.
    assert.match(await list.first().innerText(), scripts ? /\d{4} at \d{2}:\d{2}/ : /UTC/);
    await ada.reads(/Last sign-ins[^]*Firefox on Linux/i);
  });

  scenes("who is suspended is out at once, and back when they are resumed", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `suspended-${scripts}@example.org`;
    await ada.joins(email);
    const uid = await ada.page.locator("dd code").innerText();
    await service.command("account", "suspend", uid, "--reason", "the telephone was stolen");
    await ada.page.reload();
    await ada.reads(/Your session has ended/);
    await ada.signIn(email);
    await ada.reads(/We could not sign you in/);
    await service.command("account", "resume", uid, "--reason", "seen in person");
    await ada.signIn(email);
    assert.equal(ada.path, "/account");
  });
});
