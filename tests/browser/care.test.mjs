// "This wasn't me": from the mail about a change to an account that is its owner's again.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";
import { noViolation } from "./support/looks.mjs";
import { code } from "./support/totp.mjs";

const { scenes } = town();

describe("what the owner did not do", { concurrency: 2 }, () => {
  scenes("new recovery codes are disowned from the mail", async ({ person, service, scripts }) => {
    const [ada, thief] = [await person(), await person()];
    // Axe is a script itself.
    const look = async (name) => scripts && noViolation(ada.page, name);
    const email = `care-${scripts}@example.org`;
    await ada.joins(email);
    await ada.signOut();
    await thief.signIn(email, PASSWORD);
    const told = await service.mail(email, /^A sign-in /);
    await ada.goto(/https?:\S+\/n\/\S+/.exec(told.text)[0]);
    await ada.reads(/Somebody signed in/);
    await look("the page of a sign-in's link");
    await thief.goto("/account/security");
    await thief.press(thief.page.getByRole("button", { name: "Make new codes" }));
    const codes = await thief.page.locator(".codes code").allTextContents();
    await thief.fill({ recovery_code: codes[0] });
    await thief.press("main form button.main");
    assert.equal(thief.path, "/account/security?done=codes-issued");

    const { text } = await service.mail(email);
    await ada.goto(/https?:\S+\/n\/\S+/.exec(text)[0]);
    await ada.reads(/This wasn’t me/);
    await look("the page of the link");
    assert.ok(await thief.isSignedIn(), "looking does nothing");
    await ada.press("main form button.main");
    await ada.reads(/Your account is protected/);
    await look("protected");
    assert.ok(!(await thief.isSignedIn()) && !(await ada.isSignedIn()));
    await ada.press(ada.page.getByRole("link", { name: "Set a new password" }));
    assert.equal(ada.path, "/lost-password");
  });

  scenes("lost devices are suspended with the password and a mailed link", async ({ person, service, scripts }) => {
    const ada = await person();
    const look = async (name) => scripts && noViolation(ada.page, name);
    const email = `lost-${scripts}@example.org`;
    await ada.joins(email);
    await ada.goto("/account/security/totp");
    const secret = (await ada.page.locator(".secret").textContent()).replaceAll(" ", "");
    await ada.fill({ device_name: "Telephone", one_time_code: code(secret, 0) });
    await ada.press("main form button.main");
    await service.mail(email);
    await ada.press(ada.page.getByRole("button", { name: "Make new codes" }));
    const codes = await ada.page.locator(".codes code").allTextContents();
    await ada.fill({ recovery_code: codes[0] });
    await ada.press("main form button.main");
    await service.mail(email);
    await ada.goto("/account");
    await ada.signOut();

    await ada.signIn(email, PASSWORD);
    await ada.press(ada.page.getByRole("link", { name: "I have lost all my devices" }));
    await look("all devices lost");
    await ada.press("main form button.main");
    await ada.reads(/We have sent you a link/);
    await look("the link was sent");
    await ada.confirms((await service.mail(email)).link, look);
    await ada.reads(/Your devices are suspended/);
    await look("suspended");

    await ada.signIn(email, PASSWORD);
    await ada.press(ada.page.getByRole("link", { name: "Recovery code" }));
    await ada.fill({ recovery_code: codes[1] });
    await ada.press("main form button.main");
    await ada.reads(/Suspended: it signs nobody in/);
    await look("security with a suspended device");
    await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
    await look("a suspended device");
    await ada.press(ada.page.getByRole("button", { name: "Put this device in force again" }));
    assert.equal(ada.path, "/account/security?done=resumed");
  });
});
