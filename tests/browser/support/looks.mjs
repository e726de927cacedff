// What every page must look like, and what assistive technology must find on it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails for a page that is wider than its window. */
export async function noSidewaysScroll(page) {
  const [width, window] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(width <= window, `${page.url()} is ${width} px wide in a window of ${window} px`);
}

/** Fails when the element in focus cannot be told from others, or stands outside the window. */
export async function visibleFocus(page) {
  const seen = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element.tagName === "IFRAME") return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
      name: element.outerHTML.slice(0, 120),
      outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 4,
    };
  });
  if (seen) assert.ok(seen.outlined && seen.inside, `the focus is seen: ${JSON.stringify(seen)}`);
}

/** Fails for anything that axe finds wrong. The frame of a development mail is a mail program's matter. */
export async function noViolation(page, name) {
  await page.evaluate(`typeof axe === "undefined" && (() => { ${source} })()`);
  const violations = await page.evaluate(async () => {
    const found = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]) }));
  });
  assert.deepEqual(violations, [], `${name}: ${page.url()}`);
}
