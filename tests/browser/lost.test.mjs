// Devices that are lost, of each kind: stopped by mail, and asked for no more.

import { describe } from "node:test";

import { addsPasskey, authenticator, loses } from "./support/factors.mjs";
import { town } from "./support/people.mjs";
import { code } from "./support/totp.mjs";

const { scene } = town();

const submit = "main form button.main";

const KINDS = {
  "an app": async (ada) => {
    await ada.goto("/account/security/totp");
    const secret = (await ada.page.locator(".secret").textContent()).replaceAll(" ", "");
    await ada.fill({ one_time_code: code(secret, 0) });
    await ada.press(submit);
  },
  "a key": async (ada) => {
    await authenticator(ada, { transport: "usb", hasResidentKey: false, hasUserVerification: false });
    await ada.goto("/account/security/key?key=second");
    await ada.press("#security_key");
  },
  "a passkey": addsPasskey,
  "a number": async (ada, service) => {
    await ada.goto("/account/security/phone");
    await ada.fill({ phone_number: "+32470123477" });
    await ada.press(submit);
    await ada.fill({ sms_code: (await service.message("+32470123477")).code });
    await ada.press(submit);
  },
  "a telephone": async (ada, _, person) => {
    await ada.goto("/account/security/mobile/add");
    await ada.fill({ pin: "4071", confirm_pin: "4071" });
    await ada.press(submit);
    const holder = await person();
    await holder.goto(await ada.page.locator('a[href*="/app#add="]').getAttribute("href"));
    await holder.page.locator("#enrolment-pin").fill("4071");
    await holder.page.locator("[data-view=pin] [data-do=initialise]").click();
    await ada.page.locator('form[action="/account/security/mobile/pair"]').waitFor();
    await ada.press(submit);
  },
};

describe("lost devices", { concurrency: 2 }, () => {
  for (const [kind, add] of Object.entries(KINDS)) {
    scene(`${kind} is lost`, async ({ person, service }) => {
      const ada = await person();
      const email = `lost-${kind.replace(" ", "-")}@example.org`;
      await ada.joins(email);
      await add(ada, service, person);
      await service.mail(email);
      await loses(ada, email, () => service.mail(email));
    });
  }
});
