// Recovering an account whose devices are lost: asked for, seen to wait, and cancelled.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";
import { noViolation } from "./support/looks.mjs";
import { code } from "./support/totp.mjs";

const { scenes } = town();

describe("lost devices are recovered from by waiting", { concurrency: 2 }, () => {
  scenes("it is asked for, told of everywhere, and cancelled from the mail", async ({ person, service, scripts }) => {
    const ada = await person();
    // Axe is a script itself.
    const look = async (name) => scripts && noViolation(ada.page, name);
    const email = `recovery-${scripts}@example.org`;
    await ada.joins(email);
    await ada.goto("/account/security/totp");
    const secret = (await ada.page.locator(".secret").textContent()).replaceAll(" ", "");
    await ada.fill({ device_name: "Telephone", one_time_code: code(secret, 0) });
    await ada.press("main form button.main");
    await service.mail(email);
    await ada.goto("/account");
    await ada.signOut();

    await ada.signIn(email, PASSWORD);
    await ada.press(ada.page.getByRole("link", { name: "I have lost all my devices" }));
    await ada.press(ada.page.getByRole("link", { name: "Recover my account" }));
    await ada.reads(/you wait 3 days/);
    await look("what a recovery is");
    await ada.press("main form button.main");
    await ada.reads(/We have sent you a link/);
    await look("the link was sent");
    await ada.confirms((await service.mail(email)).link, look);
    await ada.reads(/A recovery is waiting/);
    await look("it waits");

    // Whoever signs in reads of it.
    await ada.signIn(email, PASSWORD);
    await ada.reads(/A recovery of this account is waiting/);
    await look("the sign-in while it waits");
    await ada.press(ada.page.getByRole("link", { name: "How the recovery stands" }));
    await ada.reads(/Nothing happens by itself/);
    await look("how it stands");

    const { text } = await service.mail(email);
    const cancel = /https?:\S+\/n\/\S+/.exec(text)[0];
    await ada.goto(cancel);
    await ada.reads(/Cancel the recovery/);
    await look("the page of the link that cancels it");
    await ada.press("main form button.main");
    await ada.reads(/The recovery is cancelled/);
    await look("cancelled");
    await ada.goto(cancel);
    await ada.reads(/This recovery no longer waits/);
    await look("it waits no more");

    await ada.signIn(email, PASSWORD);
    assert.doesNotMatch(await ada.page.locator("main").textContent(), /recovery of this account is waiting/);
  });
});
