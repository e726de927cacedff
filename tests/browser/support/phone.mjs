// A telephone with the service's own app, and what its owner does on the pages beside it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { noViolation } from "./looks.mjs";
import { PASSWORD } from "./people.mjs";

export const PIN = "4071";

/** What a telephone's view asks and shows. */
export class Phone {
  constructor(person) {
    this.person = person;
    this.page = person.page;
  }

  view(name) {
    return this.page.locator(`[data-view=${name}]`);
  }

  /** Presses what leads from one view to another. */
  async tap(what, view) {
    await this.page.locator(`[data-view]:not([hidden]) [data-do=${what}]`).first().click();
    if (view) await this.view(view).waitFor();
  }

  async says(words) {
    await this.page.locator("[data-said]", { hasText: words }).waitFor();
  }

  async opens(address) {
    // The same page with another fragment is no new page: a person who taps a link in another app sees it arrive.
    await this.page.goto("about:blank");
    await this.person.goto(address);
  }

  async initialise(pin) {
    await this.view("pin").waitFor();
    await this.page.locator("#enrolment-pin").fill(pin);
    await this.tap("initialise");
  }

  /** The code for a challenge that is typed. */
  async code(challenge, pin = PIN) {
    await this.tap("code", "code");
    await this.page.locator("#challenge").fill(challenge);
    return this.codeAfter(pin);
  }

  async codeAfter(pin = PIN) {
    await this.view("code").waitFor();
    await this.page.locator("#challenge-pin").fill(pin);
    await this.tap("showCode", "shown");
    return this.page.locator("[data-code]").innerText();
  }
}

/** Somebody's telephone, at the app. */
export async function telephone(person, options = {}) {
  const eve = await person({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, ...options });
  await eve.goto("/app");
  return new Phone(eve);
}

/** Looks for what is wrong with a person's page, where its scripts can. */
export const fine = (person, what) => (person.scripts ? noViolation(person.page, what) : undefined);

/** Names a device; the page then waits for the telephone. */
export async function names(ada, name = "My telephone") {
  await ada.goto("/account/security/mobile");
  await ada.press(ada.page.getByRole("link", { name: "Add a mobile device", exact: true }));
  await fine(ada, "naming a telephone");
  await ada.fill({ device_name: name, pin: PIN, confirm_pin: PIN });
  await ada.press("main form button.main");
  assert.equal(ada.path, "/account/security/mobile/pair");
  await fine(ada, "waiting for a telephone");
}

/** Somebody's telephone with a device of an account, whose page is then left. */
export async function enrolled(ada, person, options = {}) {
  await names(ada);
  const phone = await telephone(person, { scripts: true, ...options });
  await phone.opens(await linkOn(ada, /Open the app here/));
  await phone.initialise(PIN);
  await phone.view("waiting").waitFor();
  // With scripts the page that waits goes there by itself.
  if (!ada.scripts) await ada.goto("/account/security/mobile/pair");
  await confirms(ada);
  await phone.says(/My telephone/);
  return phone;
}

/** From the password to the number that the page shows. */
export async function asks(ada, email) {
  await ada.signIn(email, PASSWORD);
  await ada.press(ada.page.getByRole("link", { name: /Mobile App PIN Code/ }));
  await fine(ada, "a page that waits for the telephone");
  return numberOn(ada);
}

export const numberOn = async (ada) => (await ada.page.locator("main .shown-code").innerText()).match(/[0-9]{2}$/)[0];

export const linkOn = (ada, words) => ada.page.getByRole("link", { name: words }).getAttribute("href");

/** Says on the page that this is the telephone. */
export async function confirms(ada) {
  await ada.page.getByRole("heading", { name: "Is this your telephone?" }).waitFor();
  await fine(ada, "confirming a telephone");
  await ada.press("main form button.main");
  assert.match(ada.path, /^\/account\/security\?done=added/);
}

/** From the password to the challenge. */
export async function challenged(ada, email) {
  await ada.signIn(email, PASSWORD);
  assert.equal(ada.path, "/login/verify");
  await ada.press(ada.page.getByRole("link", { name: /Mobile App QR Code/ }));
  await fine(ada, "a challenge");
  return (await ada.page.locator("main code.secret").innerText()).replace(/\s/g, "");
}

export async function answers(ada, code) {
  await ada.fill({ app_code: code });
  await ada.press("main form button.main");
}

/** The link in the picture of a page that shows a challenge. */
export const challengeLink = (ada) => ada.page.locator('main a[href*="#code="]').first().getAttribute("href");

/** The switches of a browser whose camera sees this film, and may be used. */
export const filming = (film) => [
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${film}`,
];

/** Holds the QR code of a page in front of a telephone's camera: a film of one picture, in shades of grey. */
export async function hold(ada, film) {
  const picture = await ada.page.locator("svg.qr").screenshot();
  const [width, height] = [640, 480];
  const blank = await ada.context.browser().newPage();
  const grey = await blank.evaluate(async ({ source, width, height }) => {
    const image = await createImageBitmap(await (await fetch(source)).blob());
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    const side = height - 40;
    context.drawImage(image, (width - side) / 2, 20, side, side);
    const { data } = context.getImageData(0, 0, width, height);
    return Array.from({ length: width * height }, (_, at) => data[4 * at]);
  }, { source: `data:image/png;base64,${picture.toString("base64")}`, width, height });
  await blank.close();
  const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(grey), Buffer.alloc((width * height) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  writeFileSync(film, Buffer.concat([head, ...Array(10).fill(frame)]));
}
