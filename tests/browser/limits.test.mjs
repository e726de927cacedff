// What a person meets where too much was asked for, and where a form is not for them.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";

// A new store of counters starts at half: two tries to sign in to an account, and one form without scripts.
const { scenes } = town({
  args: ["--limit-spraying-checked", "3", "--limit-sign-in-network", "4", "--limit-forms-without-scripts", "2",
    "--internal-domains", "institution.example"],
});

describe("too much", { concurrency: 3 }, () => {
  scenes("who tried many names signs in with a check that a person is there", async ({ person, scripts }) => {
    const [ada, eve] = [await person({ scripts: true }), await person()];
    const email = `sprayed-${scripts}@example.org`;
    await ada.joins(email);
    for (let n = 0; n < 3; n += 1) {
      assert.equal(await eve.page.locator("#check").count(), 0);
      await eve.signIn(`nobody-${n}@example.org`, "Not the 1 password!");
      await eve.reads(/We could not sign you in/);
    }
    await eve.goto("/login");
    await eve.fill({ name: email });
    await eve.press("main form button.main");
    assert.equal(await eve.page.locator("#check").count(), 1);
    await eve.fill({ password: PASSWORD });
    await eve.press("main form button.main");
    const early = eve.page.locator("#check-error");
    if (!scripts && (await early.count())) {
      // Sent too early it asks for the password again, which is never sent back.
      const [, seconds] = /(\d+) /.exec(await early.innerText());
      await eve.waits(Number(seconds));
      await eve.fill({ password: PASSWORD });
      await eve.press("main form button.main");
    }
    assert.equal(eve.path, "/account");
  });

  scenes("an account is locked for a stranger and not for its owner", async ({ person, service, scripts }) => {
    const [ada, eve] = [await person(), await person()];
    const email = `locked-${scripts}@example.org`;
    await ada.joins(email);
    await ada.signOut();
    for (let n = 0; n < 2; n += 1) {
      await eve.signIn(email, "Not the 1 password!");
      await eve.reads(/We could not sign you in/);
    }
    await eve.goto("/login");
    await eve.fill({ name: email });
    await eve.press("main form button.main");
    await eve.fill({ password: PASSWORD });
    const answer = await eve.press("main form button.main");
    assert.equal(answer.status(), 429, "the right password too");
    await eve.reads(/Too many attempts[^]*You can still set a new password by e-mail/);
    assert.match((await service.mail(email)).subject, /sign/i, "the owner is told");
    await ada.signIn(email);
    assert.equal(ada.path, "/account");
    await eve.losePassword(email);
    await eve.follow((await service.mail(email)).link, "A second 2 password!");
    assert.equal(eve.path, "/account?done=password-reset");
  });

  scenes("without scripts a network sends fewer forms", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = (n) => `form-${n}-${scripts}@example.org`;
    await ada.register(email(0));
    await ada.fillRegistration(email(1));
    await ada.send();
    if (scripts) {
      assert.equal(ada.path, "/check-mail");
    } else {
      await ada.reads(/Switch scripts on/);
      assert.equal(await service.unread(email(1)), 0);
    }
  });
});

describe("an address of the institution", () => {
  scenes("is refused with a word about the internal account", async ({ person, service, scripts }) => {
    const ada = await person();
    const email = `ada-${scripts}@institution.example`;
    await ada.fillRegistration(email);
    await ada.press("main form button.main");
    await ada.mustCorrect("email");
    await ada.reads(/already have an internal account/);
    assert.equal(await ada.page.locator("#first_name").inputValue(), "Ada", "what was typed stays");
    assert.equal(await service.unread(email), 0);
  });
});
