// The form for a new account, and the page that waits for the mail.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { loseAnswers, town } from "./support/people.mjs";
import { until } from "./support/until.mjs";

const { scene, scenes } = town();

describe("the form for a new account", { concurrency: 3 }, () => {
  scenes("an empty form names every wrong field and has the first one in focus", async ({ person }) => {
    const ada = await person();
    await ada.goto("/register");
    await ada.hasFocus("first_name");
    await ada.press("main form button.main");
    await ada.mustCorrect("first_name");
    for (const id of ["last_name", "email", "confirm_email", "privacy"]) {
      assert.equal(await ada.page.locator(`#${id}[aria-invalid=true]`).count(), 1, id);
      assert.equal(await ada.page.locator(`#${id}-error`).count(), 1, id);
    }
    assert.match(await ada.page.title(), /^Problem: /);
    assert.equal(await ada.page.locator(".summary a").count(), ada.scripts ? 5 : 6);
    await ada.page.locator(".summary a").last().click();
    assert.match(ada.page.url(), /#privacy$/);
  });

  scenes("what was typed stays while one field is corrected", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `stays-${scripts}@example.org`;
    await ada.fillRegistration(email, { first: "Ada/", last: "Βυρών" });
    await ada.fill({ confirm_email: "other@example.org" });
    await ada.page.locator("#mail_language").selectOption("el");
    await ada.press("main form button.main");
    await ada.mustCorrect("first_name");
    assert.equal(await ada.page.locator("#confirm_email-error").count(), 1);
    assert.equal(await ada.page.locator("#email-error").count(), 0);
    const values = await ada.page.locator("main form").evaluate((form) =>
      Object.fromEntries(["first_name", "last_name", "email", "confirm_email", "mail_language"]
        .map((id) => [id, form.elements[id].value])));
    assert.deepEqual(values, {
      first_name: "Ada/", last_name: "Βυρών", email, confirm_email: "other@example.org", mail_language: "el",
    });
    assert.ok(await ada.page.locator("#privacy").isChecked());
    await ada.fill({ first_name: "Ada", confirm_email: email });
    await ada.send();
    assert.equal(ada.path, "/check-mail");
    assert.match((await service.mail(email)).subject, /^Επιβεβαιώστε τη διεύθυνση e-mail σας/);
  });

  scenes("a disposable address is refused with what to use instead", async ({ person }) => {
    const ada = await person();
    await ada.fillRegistration("ada@mail.mailinator.com");
    await ada.press("main form button.main");
    await ada.mustCorrect("email");
    await ada.reads(/Use an address that you will keep/);
  });

  scene("without scripts, a form sent early is sent again after the rest of the wait", async ({ person }) => {
    const ada = await person({ scripts: false });
    // A slow machine may fill it in for longer than the wait: then it was not early.
    for (let time = 1; time <= 3 && ada.path !== "/register"; time += 1) {
      await ada.fillRegistration(`early-${time}@example.org`);
      await ada.waits(1);
      await ada.press("main form button.main");
    }
    await ada.mustCorrect("check");
    const told = Number(/(\d+) /.exec(await ada.page.locator("#check-error").innerText())[1]);
    assert.ok(told < 5, `a part of the five seconds had passed already, and ${told} are left`);
    await ada.waits(told);
    await ada.press("main form button.main");
    assert.equal(ada.path, "/check-mail", "what was told is enough");
  });

  scenes("the button pressed twice asks for one mail", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `twice-${scripts}@example.org`;
    await ada.fillRegistration(email);
    if (!scripts) await ada.waits(5);
    // Without scripts the second press may cut the first one's navigation off.
    await ada.page.locator("main form button.main").dblclick({ noWaitAfter: true });
    await until("the page that waits is there", async () => ada.path === "/check-mail");
    await ada.page.waitForLoadState();
    await service.mail(email);
    await ada.press(ada.page.getByRole("button", { name: "Send again" }));
    // Mails go out in order: had the first press asked for two, the second of them would come before this one.
    await service.mail(email);
    assert.equal(await service.unread(email), 0);
  });

  scenes("an answer that is lost: the same form sent again ends on the same page", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `lost-${scripts}@example.org`;
    await ada.fillRegistration(email);
    if (!scripts) await ada.waits(5);
    const lost = await loseAnswers(ada, "**/register");
    await ada.page.locator("main form button.main").click({ noWaitAfter: true });
    await lost.next();
    await service.mail(email);
    await lost.end();
    if (scripts) await ada.page.waitForFunction(() => !document.querySelector("[aria-busy]"));
    await ada.press("main form button.main");
    assert.equal(ada.path, "/check-mail");
    assert.equal(await service.unread(email), 0);
  });

  scenes("every language, chosen on the page and kept", async ({ person }) => {
    const ada = await person({ locale: "pl-PL" });
    await ada.goto("/register");
    assert.equal(await ada.page.locator("html").getAttribute("lang"), "en");
    for (const [name, lang, title] of [["français", "fr", "Créer un compte"], ["Deutsch", "de", "Konto erstellen"],
      ["Ελληνικά", "el", "Δημιουργία λογαριασμού"], ["English", "en", "Create an account"]]) {
      await ada.press(ada.page.getByRole("link", { name, exact: true }));
      assert.equal(await ada.page.locator("html").getAttribute("lang"), lang);
      assert.equal(await ada.page.locator("h1").innerText(), title);
      assert.equal(await ada.page.locator("#mail_language").inputValue(), lang);
      await ada.goto("/login");
      assert.equal(await ada.page.locator("html").getAttribute("lang"), lang, "the choice is kept");
      await ada.goto("/register");
    }
  });

  scene("the language is the browser's at first", async ({ person }) => {
    const ada = await person({ locale: "el-GR" });
    await ada.goto("/register");
    assert.equal(await ada.page.locator("h1").innerText(), "Δημιουργία λογαριασμού");
    assert.equal(await ada.page.locator("#mail_language").inputValue(), "el");
  });
});

describe("check your mail", { concurrency: 3 }, () => {
  scenes("it survives a reload, and works in another tab", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `tabs-${scripts}@example.org`;
    await ada.register(email);
    await ada.reads(new RegExp(`${email}[^]*90 minutes`));
    await ada.page.reload();
    await ada.reads(new RegExp(email));
    await ada.tab();
    await ada.goto("/check-mail");
    await ada.reads(new RegExp(email));
    const { code, link } = await service.mail(email);
    await ada.fill({ code: code.toLowerCase().replace("-", " ") });
    await ada.press("main form button.main");
    assert.equal(ada.path, new URL(link).pathname);
    await ada.fillLink();
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("a wrong code stays beside its error", async ({ person, scripts }) => {
    const ada = await person();
    await ada.register(`code-${scripts}@example.org`);
    await ada.press("main form button.main");
    await ada.mustCorrect("code");
    await ada.fill({ code: "0000-0000" });
    await ada.press("main form button.main");
    await ada.mustCorrect("code");
    await ada.reads(/This code is not accepted/);
    assert.equal(await ada.page.locator("#code").inputValue(), "0000-0000");
    assert.ok(!(await ada.isSignedIn()));
  });

  scenes("send again mails another link, and the first one still works", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `again-${scripts}@example.org`;
    await ada.register(email);
    const first = await service.mail(email);
    await ada.press(ada.page.getByRole("button", { name: "Send again" }));
    await ada.reads(/We have sent the e-mail again/);
    const second = await service.mail(email);
    assert.notEqual(second.link, first.link);
    await ada.follow(first.link);
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("too many mails are a clear page, and the one that came still works", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `many-mails-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    let answer;
    for (let n = 0; n < 4 && answer?.status() !== 429; n += 1) {
      answer = await ada.press(ada.page.getByRole("button", { name: "Send again" }));
    }
    assert.equal(answer.status(), 429);
    await ada.reads(/An e-mail that you received earlier still works/);
    await ada.follow(link);
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("wrong address leads back to the form", async ({ person, service, scripts }) => {
    const ada = await person();
    await ada.register(`typo-${scripts}@example.org`);
    await ada.press(ada.page.getByRole("link", { name: "Wrong address" }));
    assert.equal(ada.path, "/register");
    const email = `right-${scripts}@example.org`;
    await ada.register(email);
    await ada.reads(new RegExp(email));
    await ada.follow((await service.mail(email)).link);
    assert.equal(ada.path, "/account?done=welcome");
    await ada.reads(new RegExp(email));
  });

  scenes("a second registration is told by mail only", async ({ person, service, scripts }) => {
    const [ada, eve] = [await person(), await person({ scripts: true })];
    const email = `known-${scripts}@example.org`;
    await ada.joins(email);
    await eve.register(email);
    const told = (await eve.text()).replaceAll(email, "ADDRESS");
    const mail = await service.mail(email);
    assert.equal(mail.subject, "You already have an account at Chancery");
    assert.equal(mail.link, undefined, "never a live reset");
    await eve.register(`unknown-${scripts}@example.org`);
    assert.equal((await eve.text()).replaceAll(`unknown-${scripts}@example.org`, "ADDRESS"), told);
  });
});
