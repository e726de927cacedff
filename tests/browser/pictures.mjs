// Makes the pictures of docs/people.md anew from the gallery's pages:
//   cargo build -p chancery-api --example gallery
//   CHANCERY_TEST_GALLERY=target/debug/examples/gallery CHANCERY_TEST_CHROMIUM=/usr/bin/chromium node pictures.mjs

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { launch } from "./support/people.mjs";

const ORIGIN = "http://gallery.localhost";

/** A picture's name, and the gallery's page that it shows. */
const PICTURES = {
  name: "login-name",
  password: "login-password",
  choice: "verify",
  key: "verify-key",
  pin: "verify-pin",
  "on-mobile": "verify-mobile",
  "qr-code": "verify-app-code",
  "one-time-code": "verify-totp",
  "recovery-code": "verify-recovery-code",
  sms: "verify-sms",
};

const pictures = new URL("../../docs/ways-in/", import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), "chancery-pictures-"));
execFileSync(process.env.CHANCERY_TEST_GALLERY, [folder]);
await mkdir(pictures, { recursive: true });
const browser = await launch();
try {
  const context = await browser.newContext({
    viewport: { width: 400, height: 600 },
    serviceWorkers: "block",
    reducedMotion: "reduce",
  });
  await context.route("**/*", (route) => {
    const { origin, pathname } = new URL(route.request().url());
    const file = join(folder, pathname);
    return origin === ORIGIN && existsSync(file) ? route.fulfill({ path: file }) : route.abort();
  });
  const page = await context.newPage();
  for (const [name, shown] of Object.entries(PICTURES)) {
    await page.goto(`${ORIGIN}/en/${shown}.html`);
    await page.locator("main").screenshot({ path: join(pictures, `${name}.png`) });
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
