// Second factors in every language: each kind added, used, renamed and removed. SMS has its own, see sms.test.mjs.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { byApp, byKey, byPasskey, byPhone } from "./support/factors.mjs";
import { town } from "./support/people.mjs";

const { scene } = town();

describe("second factors in every language", { concurrency: 2 }, () => {
  for (const locale of ["en-GB", "fr-BE", "de-AT", "el-GR"]) {
    scene(`an app, a key, a telephone and a passkey in ${locale}`, async ({ person }) => {
      const ada = await person({ locale });
      const email = `factors-${locale.toLowerCase()}@example.org`;
      await ada.joins(email);
      assert.equal(await ada.page.locator("html").getAttribute("lang"), locale.slice(0, 2));
      await byApp(ada, email);
      await byKey(ada, email);
      await byPhone(ada, email, await person({ locale, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }));
      await byPasskey(ada);
    });
  }
});
