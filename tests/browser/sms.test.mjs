// A mobile phone with SMS, from its first message to its last: added, asked for, beside another way, removed.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { bySms } from "./support/factors.mjs";
import { PASSWORD, town } from "./support/people.mjs";
import { noViolation } from "./support/looks.mjs";

const { scene, scenes } = town();

describe("mobile phone and SMS", { concurrency: 2 }, () => {
  scenes("a telephone is added, asked for, and removed", async ({ person, service, scripts }) => {
    const ada = await person();
    // Axe is a script itself.
    const look = async (name) => scripts && noViolation(ada.page, name);
    const [email, number] = [`sms-${scripts}@example.org`, scripts ? "+32470123401" : "+32470123402"];
    await ada.joins(email);
    await ada.goto("/account/security");
    await ada.reads(/Soon deprecated/);
    await ada.press(ada.page.getByRole("link", { name: "How can I add a mobile phone (SMS)?" }));
    await ada.reads(/This way is soon deprecated/);
    await look("what is to be known of it");
    await ada.press(ada.page.getByRole("link", { name: "Add a mobile phone" }));
    await look("the number");
    await ada.fill({ phone_number: "0470 12 34 56" });
    await ada.press("main form button.main");
    await ada.mustCorrect("phone_number");
    await ada.fill({ phone_number: number.replace(/(...)(...)(..)/, "$1 $2 $3 ") });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security/phone/code");
    await look("its code");
    const { text, code } = await service.message(number);
    assert.match(text, /^Chancery: [0-9A-Z-]{11} is your code/);
    await ada.fill({ sms_code: "AAA-AAA-AAA" });
    await ada.press("main form button.main");
    await ada.mustCorrect("sms_code");
    await ada.fill({ device_name: "My phone", sms_code: code });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account/security?done=added-without-codes");
    await ada.reads(/My phone/);
    await ada.reads(new RegExp(`Number ending in ${number.slice(-3)}`));
    await look("the list");
    await ada.goto("/account");
    await ada.signOut();

    await ada.signIn(email, PASSWORD);
    assert.equal(ada.path, "/login/verify");
    await ada.reads(/Soon deprecated/);
    await look("the choice");
    await ada.press(ada.page.getByRole("link", { name: "Mobile Phone + SMS" }));
    await look("before the message");
    await ada.press(ada.page.getByRole("button", { name: /Send a code to “.*My phone.*”/ }));
    assert.equal(ada.path, "/login/verify?method=sms");
    assert.equal(await ada.page.locator("#sms_code").getAttribute("autocomplete"), "one-time-code");
    await look("after the message");
    const answer = (await service.message(number)).code;
    await ada.fill({ sms_code: answer.toLowerCase().replaceAll("-", " ") });
    await ada.press("main form button.main");
    assert.equal(ada.path, "/account");

    await ada.goto("/account/security");
    await ada.press(ada.page.getByRole("link", { name: /Rename or remove/ }));
    await ada.press(ada.page.getByRole("button", { name: "Remove this device" }));
    assert.equal(ada.path, "/account/security?done=removed");
    await ada.reads(/no second factor yet/);
  });

  for (const [locale, title, number] of [
    ["en-GB", "Add a mobile phone", "+32470123406"],
    ["fr-BE", "Ajouter un téléphone mobile", "+32470123403"],
    ["de-AT", "Ein Mobiltelefon hinzufügen", "+32470123404"],
    ["el-GR", "Προσθήκη κινητού τηλεφώνου", "+32470123405"],
  ]) {
    scene(`in ${locale} a telephone is added, used, renamed and removed, by messages in that language`, async ({
      person, service,
    }) => {
      const ada = await person({ locale });
      const email = `sms-${locale.toLowerCase()}@example.org`;
      await ada.joins(email);
      await ada.goto("/account/security/phone");
      assert.equal(await ada.page.locator("h1").innerText(), title);
      const text = await bySms(ada, email, service, number);
      assert.equal(/is your code/.test(text), locale === "en-GB", text);
    });
  }
});
