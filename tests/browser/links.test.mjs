// A mailed link: on which browser, how often, how late, and in what shape it arrives.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { loseAnswers, PASSWORD, town } from "./support/people.mjs";
import { until } from "./support/until.mjs";

const { scene, scenes } = town();

describe("the link", { concurrency: 3 }, () => {
  scenes("opened on a phone, it signs in the phone; the desktop never", async ({ person, service, scripts }) => {
    const [desktop, phone] = [await person(), await person({ viewport: { width: 360, height: 740 } })];
    const email = `phone-${scripts}@example.org`;
    await desktop.register(email);
    const before = await desktop.text();
    const { link, code } = await service.mail(email);
    await phone.follow(link);
    assert.equal(phone.path, "/account?done=welcome");

    await desktop.page.reload();
    assert.equal(await desktop.text(), before, "the page that waits is not told that the link was used");
    assert.equal(await desktop.cookie("session"), undefined);
    await desktop.fill({ code });
    await desktop.press("main form button.main");
    await desktop.mustCorrect("code");
    assert.equal(await desktop.cookie("session"), undefined);
    await desktop.goto("/account");
    assert.equal(desktop.path, "/login?target=/account");

    await desktop.signIn(email);
    assert.equal(desktop.path, "/account");
    assert.ok(await phone.isSignedIn());
  });

  scenes("the desktop types the code before the phone submits", async ({ person, service, scripts }) => {
    const [desktop, phone] = [await person(), await person()];
    const email = `desktop-${scripts}@example.org`;
    await desktop.register(email);
    const { link, code } = await service.mail(email);
    await phone.goto(link);
    await phone.fillLink("The phone's own 1 password!");
    await desktop.fill({ code });
    await desktop.press("main form button.main");
    await desktop.fillLink();
    await desktop.press("main form button.main");
    assert.equal(desktop.path, "/account?done=welcome");

    await phone.press("main form button.main");
    await phone.reads(/Your password is set\. Sign in\./);
    assert.ok(!(await phone.isSignedIn()));
    await phone.signIn(email);
    assert.equal(phone.path, "/account", "it was the desktop's password that was set");
  });

  scene("a scanner opens it ten times and runs its scripts: the person comes after it", async ({ person, service }) => {
    const [ada, scanner] = [await person(), await person()];
    const email = "scanned@example.org";
    await ada.register(email);
    const { link } = await service.mail(email);
    for (let n = 0; n < 10; n += 1) {
      const answer = await scanner.goto(link);
      assert.equal(answer.status(), 200);
      await scanner.page.waitForLoadState("networkidle");
    }
    assert.equal(await scanner.cookie("session"), undefined);
    await ada.follow(link);
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("its page names every unmet rule, and keeps the names", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `rules-${scripts}@example.org`;
    await ada.register(email);
    await ada.goto((await service.mail(email)).link);
    await ada.reads(/r•+@e•+\.org/);
    assert.doesNotMatch(await ada.text(), new RegExp(email), "the address is masked");
    await ada.hasFocus("new_password");
    await ada.fill({ first_name: "Augusta Ada", new_password: "ada", confirm_password: "adb" });
    if (scripts) {
      const states = () => ada.page.locator(".rules [data-rule]").evaluateAll((items) =>
        Object.fromEntries(items.map((item) => [item.dataset.rule, item.dataset.state])));
      assert.deepEqual(await states(), {
        "at-least": "open", "at-most": "met", upper: "open", lower: "met", digit: "open", special: "open",
      });
      await ada.page.locator("#show-password").check();
      assert.equal(await ada.page.locator("#new_password").getAttribute("type"), "text");
      await ada.page.locator("#show-password").uncheck();
    }
    await ada.press("main form button.main");
    await ada.mustCorrect("new_password");
    assert.equal(await ada.page.locator("#confirm_password-error").count(), 1);
    assert.equal(await ada.page.locator("#privacy-error").count(), 1);
    const unmet = await ada.page.locator(".rules [data-state=unmet]").allInnerTexts();
    for (const rule of [/at least 10/, /upper-case/, /a digit/, /special/, /your name/]) {
      assert.ok(unmet.some((text) => rule.test(text)), `${rule} among ${unmet}`);
    }
    assert.equal(await ada.page.locator("#first_name").inputValue(), "Augusta Ada");
    assert.equal(await ada.page.locator("#new_password").inputValue(), "", "a password is never sent back");
    await ada.fillLink();
    await ada.press("main form button.main");
    await ada.reads(/Augusta Ada Lovelace/);
  });

  scenes("the button pressed twice ends signed in", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `pressed-${scripts}@example.org`;
    await ada.register(email);
    await ada.goto((await service.mail(email)).link);
    await ada.fillLink();
    await ada.page.locator("main form button.main").dblclick({ noWaitAfter: true });
    await until("the account is there", async () => ada.path === "/account?done=welcome");
    await ada.page.waitForLoadState();
    assert.ok(await ada.isSignedIn());
    assert.equal(await ada.page.locator('form[action="/account/sessions/end"]').count(), 0, "one session, this one");
  });

  scenes("an answer that is lost: the same form sent again ends signed in", async ({ person, service, scripts }) => {
    const [ada, eve] = [await person(), await person()];
    const email = `cut-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    await eve.goto(link);
    await eve.fillLink("Another 9 password?");
    await ada.goto(link);
    await ada.fillLink();
    const lost = await loseAnswers(ada, "**/l/*");
    await ada.page.locator("main form button.main").click({ noWaitAfter: true });
    assert.equal(await lost.next(), 303);
    await lost.end();
    assert.equal(await ada.cookie("session"), undefined);
    if (scripts) await ada.page.waitForFunction(() => !document.querySelector("[aria-busy]"));
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account?done=welcome");
    assert.ok(await ada.isSignedIn());

    await eve.press("main form button.main");
    await eve.reads(/Your password is set\. Sign in\./);
    assert.ok(!(await eve.isSignedIn()));
  });

  scenes("used, it says so and mails a new one by one button", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `used-${scripts}@example.org`;
    await ada.joins(email);
    await ada.losePassword(email);
    const { link } = await service.mail(email);
    await ada.follow(link, "A second 2 password!");
    await service.mail(email);
    const answer = await ada.goto(link);
    assert.equal(answer.status(), 410);
    await ada.reads(/This link was already used/);
    await ada.press(ada.page.getByRole("button", { name: "Send me a new link" }));
    assert.equal(ada.path, "/check-mail");
    await ada.follow((await service.mail(email)).link, "A third 3 password!");
    assert.equal(ada.path, "/account?done=password-reset");
  });

  scenes("another of its kind was used: it is no longer needed", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `other-${scripts}@example.org`;
    await ada.register(email);
    const first = await service.mail(email);
    await ada.press(ada.page.getByRole("button", { name: "Send again" }));
    await ada.follow((await service.mail(email)).link);
    await ada.goto(first.link);
    await ada.reads(/This link is no longer needed/);
    await ada.press(ada.page.getByRole("button", { name: "Send me a new link" }));
    assert.equal(ada.path, "/check-mail");
    assert.equal((await service.mail(email)).subject, "Set a new password for Chancery");
  });

  scenes("damaged, it asks for the address and mails another one", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `cut-off-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    const answer = await ada.goto(link.slice(0, -4));
    assert.equal(answer.status(), 404);
    await ada.reads(/This link is damaged/);
    await ada.fill({ name: email });
    await ada.send();
    assert.equal(ada.path, "/check-mail");
    await ada.follow((await service.mail(email)).link);
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("what mail programs add to it does not matter", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `mangled-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    await ada.follow(`${link.replace(/[^/]+$/, (token) => token.toUpperCase())}.`);
    assert.equal(ada.path, "/account?done=welcome");
  });

  scenes("only the browser that began goes on to where it wanted", async ({ person, service, scripts }) => {
    const [desktop, phone] = [await person(), await person()];
    const email = `target-${scripts}@example.org`;
    const begin = async () => {
      await desktop.goto("/register?target=/help");
      await desktop.fill({ first_name: "Ada", last_name: "Lovelace", email, confirm_email: email });
      await desktop.page.locator("#privacy").check();
      await desktop.send();
    };
    await begin();
    await phone.follow((await service.mail(email)).link);
    assert.equal(new URL(phone.page.url()).pathname, "/account");
    await desktop.goto("/lost-password?target=/help");
    await desktop.fill({ name: email });
    await desktop.send();
    await desktop.follow((await service.mail(email)).link, "A second 2 password!");
    assert.equal(desktop.path, "/help");
  });
});

// One after the other: they move the service's clock.
describe("after its time", () => {
  scenes("it says so, and one button mails a new one", async ({ person, service, scripts }) => {
    const [ada, visitor] = [await person({ scripts: true }), await person()];
    const email = `late-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    await service.restartLater(2);
    const answer = await visitor.goto(link);
    assert.equal(answer.status(), 410);
    await visitor.reads(/This link has expired/);
    await visitor.press(visitor.page.getByRole("button", { name: "Send me a new link" }));
    assert.equal(visitor.path, "/check-mail");
    assert.doesNotMatch(await visitor.text(), new RegExp(email), "whoever holds a link is not told its address");
    await visitor.follow((await service.mail(email)).link, PASSWORD);
    assert.equal(visitor.path, "/account?done=welcome");
  });

  scenes("of a registration that lapsed, it leads to the form", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `lapsed-${scripts}@example.org`;
    await ada.register(email);
    const { link } = await service.mail(email);
    await service.restartLater(8 * 24);
    let answer;
    await until("the registration has lapsed", async () => {
      answer = await ada.goto(link);
      return /This registration has lapsed/.test(await ada.text());
    });
    assert.equal(answer.status(), 410);
    assert.doesNotMatch(await ada.text(), new RegExp(email));
    await ada.press("main a.button.main");
    assert.equal(ada.path, "/register");
    await ada.joins(email);
  });
});
