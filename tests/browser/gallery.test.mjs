// Every state of every page, as the gallery writes them: those too that no story reaches. Each in light on a wide screen
// and in dark in the narrowest window that is supported; in the other languages the words must fit there too.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { launch } from "./support/people.mjs";
import { noSidewaysScroll, noViolation } from "./support/looks.mjs";

const ORIGIN = "http://gallery.localhost";
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 640 };
const VIEWS = [["light", WIDE], ["dark", NARROW]];
const TABS = 3;

let folder;
let browser;

before(async () => {
  const gallery = process.env.CHANCERY_TEST_GALLERY;
  if (!gallery) throw new Error("CHANCERY_TEST_GALLERY is not set: start the tests with tests/run.");
  folder = await mkdtemp(join(tmpdir(), "chancery-gallery-"));
  execFileSync(gallery, [folder]);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A browser of somebody who wants motion of this kind, for whom the gallery is the web. */
async function visitor(reducedMotion) {
  const context = await browser.newContext({ reducedMotion, serviceWorkers: "block" });
  await context.route("**/*", (route) => {
    const { origin, pathname } = new URL(route.request().url());
    // Nothing answers what a page's script asks: there are files only.
    const file = join(folder, pathname);
    return origin === ORIGIN && existsSync(file) ? route.fulfill({ path: file }) : route.abort();
  });
  return context;
}

/** Shows each page of a language to `look`, in several tabs. */
async function eachPage(language, look) {
  const names = (await readdir(join(folder, language))).sort();
  assert.ok(names.length > 50, `${names.length} pages`);
  const context = await visitor("reduce");
  const tab = async () => {
    const page = await context.newPage();
    for (let name = names.shift(); name; name = names.shift()) {
      await page.goto(`${ORIGIN}/${language}/${name}`);
      assert.ok(await page.evaluate(() => document.styleSheets.length > 0), `${name} has its style sheet`);
      await look(page, `${language}/${name}`);
    }
  };
  await Promise.all(Array.from({ length: TABS }, tab));
  await context.close();
}

describe("the gallery", () => {
  test("axe finds nothing wrong in any state", { timeout: 600_000 }, () => eachPage("en", async (page, name) => {
    for (const [colorScheme, size] of VIEWS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(size);
      await noSidewaysScroll(page);
      await noViolation(page, `${name}, ${colorScheme}, ${size.width} px`);
    }
  }));

  test("nothing moves for who wants it so", async () => {
    for (const wanted of ["reduce", "no-preference"]) {
      const context = await visitor(wanted);
      const page = await context.newPage();
      await page.goto(`${ORIGIN}/en/register.html`);
      const moving = await page.evaluate(() => {
        document.querySelector("[data-check]").dataset.state = "working";
        const styles = [...document.querySelectorAll("*")].flatMap((element) =>
          [null, "::before", "::after"].map((part) => getComputedStyle(element, part)));
        return styles.filter((style) => style.animationName !== "none" || parseFloat(style.transitionDuration) > 0).length;
      });
      assert.equal(moving > 0, wanted === "no-preference", `${moving} elements move with ${wanted}`);
      await context.close();
    }
  });

  for (const language of ["fr", "de", "el"]) {
    test(`the words fit a narrow window in ${language}`, { timeout: 180_000 }, () => eachPage(language, async (page) => {
      await page.setViewportSize(NARROW);
      await noSidewaysScroll(page);
    }));
  }
});
