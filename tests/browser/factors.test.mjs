// A second factor from its first day to its last: added, asked for, lost, replaced, removed.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";
import { noViolation } from "./support/looks.mjs";
import { code } from "./support/totp.mjs";

const { scenes } = town();

describe("second factors", { concurrency: 2 }, () => {
  scenes("an app is added, asked for, replaced by a recovery code and removed", async ({ person, scripts }) => {
    const ada = await person();
    // Axe is a script itself.
    const look = async (name) => scripts && noViolation(ada.page, name);
    const email = `factors-${scripts}@example.org`;
    await ada.joins(email);
    await ada.reads(/Add a second factor now/);
    await ada.press(ada.page.getByRole("link", { name: "Later" }));
    assert.equal(ada.path, "/account");
    await ada.signOut();
    // The session that the first password opened was the first one; at the third sign-in it is asked once more.
    await ada.signIn(email, PASSWORD);
    assert.equal(ada.path, "/account");
    await ada.signOut();
    await ada.signIn(email, PASSWORD);
    await ada.reads(/Add a second factor now/);
    await look("asked once more");
    await ada.press(ada.page.getByRole("link", { name: "Add an authenticator app" }));
    const secret = (await ada.page.locator(".secret").textContent()).replaceAll(" ", "");
    await ada.page.getByRole("img", { name: /QR code/ }).waitFor();
    await look("adding an app");
    await ada.fill({ one_time_code: "12345" });
    await ada.press("main form button.main");
    await ada.mustCorrect("one_time_code");
    await ada.fill({ device_name: "Telephone", one_time_code: code(secret, 0) });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security?done=added-without-codes");
    await ada.reads(/Telephone/);

    await ada.press(ada.page.getByRole("button", { name: "Make new codes" }));
    const codes = await ada.page.locator(".codes code").allTextContents();
    assert.equal(codes.length, 10);
    await look("recovery codes");
    // On paper there are the codes, and nothing to press.
    await ada.page.emulateMedia({ media: "print" });
    assert.equal(await ada.page.locator(".codes").isVisible(), true);
    assert.equal(await ada.page.locator("main form:visible").count(), 0);
    await ada.page.emulateMedia({ media: null });
    await ada.fill({ recovery_code: codes[0] });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security?done=codes-issued");
    await look("security");
    await ada.goto("/account");
    await ada.signOut();

    await ada.signIn(email, PASSWORD);
    assert.equal(ada.path, "/login/verify");
    await ada.reads(/Choose your verification method/);
    await look("the choice");
    await ada.press(ada.page.getByRole("link", { name: /one-time code/ }));
    // Each step counts once. The next one counts already: the app's clock may be ahead.
    await ada.fill({ one_time_code: code(secret, 1) });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account");
    await ada.signOut();

    await ada.signIn(email, PASSWORD);
    await ada.press(ada.page.getByRole("link", { name: /one-time code/ }));
    await ada.press(ada.page.getByRole("link", { name: "Recovery code" }));
    await ada.fill({ recovery_code: codes[1].toUpperCase() });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security");
    await ada.reads(/9 codes are left/);
    await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
    await look("a device");
    await ada.press(ada.page.getByRole("button", { name: "Remove this device" }));
    assert.equal(ada.path, "/account/security?done=removed");
    await ada.reads(/no second factor yet/);
  });
});
