// Every page in every state: axe, a narrow window, light and dark, every language.
//
// With CHANCERY_SCREENSHOTS naming a folder, each is also saved there as a picture.

import assert from "node:assert/strict";
import { describe } from "node:test";

import { PASSWORD, town } from "./support/people.mjs";
import { noSidewaysScroll, noViolation } from "./support/looks.mjs";

const { scene } = town();

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 320, height: 640 };
const pictures = process.env.CHANCERY_SCREENSHOTS;

/** Holds the page, as it stands, against everything; in light on a wide screen and in dark on the narrowest. */
async function inspect(person, name, views = ["light", "dark"]) {
  const { page } = person;
  for (const view of views) {
    await page.emulateMedia({ colorScheme: view, reducedMotion: "reduce" });
    await page.setViewportSize(view === "light" ? WIDE : NARROW);
    await noSidewaysScroll(page);
    await noViolation(page, `${name}, ${view}`);
    if (pictures) await page.screenshot({ path: `${pictures}/${name}-${view}.png`, fullPage: true });
  }
}

/** The pages that everybody meets. */
async function mainPages(ada, service, email, look) {
  await ada.goto("/register");
  await look("register");
  await ada.press("main form button.main");
  await look("register-errors");
  await ada.register(email);
  await look("check-mail");
  await ada.press("main form button.main");
  await look("check-mail-error");
  const { link } = await service.mail(email);
  await ada.goto(link);
  await look("link");
  await ada.fill({ new_password: "ada" });
  await ada.press("main form button.main");
  await look("link-errors");
  await ada.fillLink();
  await ada.press("main form button.main");
  assert.equal(ada.path, "/account?done=welcome");
  await look("account");
  await ada.fill({ current_password: "wrong", new_password: "short" });
  await ada.press('form[action="/account/password"] button');
  await look("account-errors");
  await ada.signOut();
  await look("signed-out");
  await ada.goto("/login");
  await look("login");
  await ada.fill({ name: email });
  await ada.press("main form button.main");
  await look("password");
  await ada.fill({ password: "wrong" });
  await ada.press("main form button.main");
  await look("password-wrong");
  await ada.goto("/lost-password");
  await look("lost-password");
  return link;
}

describe("every page in every state", { concurrency: 3 }, () => {
  scene("the pages of the story", async ({ person, service }) => {
    const ada = await person();
    const look = (name) => inspect(ada, name);
    const email = "a.rather.long.address.for.a.narrow.window@department.example.org";
    const used = await mainPages(ada, service, email, look);
    await ada.press("main form button.main");
    await look("lost-password-error");
    await ada.goto(used);
    await look("link-used");
    await ada.press(ada.page.getByRole("button", { name: "Send me a new link" }));
    await look("check-mail-reset");
    const { link } = await service.mail(email);
    await ada.press(ada.page.getByRole("button", { name: "Send again" }));
    await look("check-mail-again");
    await ada.goto(link);
    await look("link-reset");
    await ada.goto(link.slice(0, -3));
    await look("link-damaged");
  });

  scene("the pages beside it", async ({ person, service }) => {
    const [ada, other] = [await person(), await person()];
    const look = (name) => inspect(ada, name);
    await ada.joins("beside@example.org");
    await other.signIn("beside@example.org", PASSWORD, { publicComputer: true });
    await ada.goto("/account");
    await look("account-two-sessions");
    await other.press(other.page.getByRole("button", { name: "Sign out everywhere" }));
    await inspect(other, "signed-out-everywhere");
    await ada.page.reload();
    await look("session-ended");
    await ada.press("main form button.main");
    await look("login-error");
    for (const [path, name] of [["/help", "help"], ["/privacy", "privacy"], ["/v1/", "reference"], ["/nowhere", "not-found"]]) {
      await ada.goto(path);
      await look(name);
    }
    await ada.goto("/login");
    await ada.page.locator('form[action="/login"] [name=csrf]').evaluate((field) => { field.value = "old"; });
    await ada.fill({ name: "ada@example.org" });
    await ada.press("main form button.main");
    await look("form-expired");
    for (let n = 0; n < 4; n += 1) {
      await ada.goto("/lost-password");
      await ada.fill({ name: "often@example.org" });
      await ada.send();
    }
    await ada.reads(/Enough e-mails for now/);
    await look("mail-limit");
  });

  scene("without scripts", async ({ person }) => {
    const ada = await person();
    // What a browser with scripts off shows, in one whose scripts axe can run in.
    await ada.page.route("**/register", async (route) => {
      const answer = await route.fetch();
      const plain = (await answer.text()).replace(/<script[^>]*><\/script>/, "").replaceAll(/<\/?noscript>/g, "");
      await route.fulfill({ response: answer, body: plain });
    });
    // Early is within five seconds of the page: a machine that is slower than that at first is quicker with a warm browser.
    const early = async () => {
      await ada.goto("/register");
      await ada.press("main form button.main");
      return (await ada.page.locator("#check-error").count()) === 1;
    };
    assert.ok((await early()) || (await early()) || (await early()), "a form sent at once is sent too early");
    await inspect(ada, "register-plain-early");
    await ada.goto("/register");
    await ada.reads(/Scripts are switched off/);
    await inspect(ada, "register-plain");
  });

  for (const locale of ["fr-BE", "de-AT", "el-GR"]) {
    scene(`the pages of the story in ${locale}`, async ({ person, service }) => {
      const ada = await person({ locale });
      await mainPages(ada, service, `ada@${locale.toLowerCase()}.example.org`, (name) => inspect(ada, `${name}-${locale}`, ["dark"]));
    });
  }
});

describe("a development server's mails", () => {
  scene("the list and a mail", async ({ person, service }) => {
    const ada = await person();
    const email = "mailed@example.org";
    await ada.register(email);
    const { link } = await service.mail(email);
    assert.ok(link, "the mail has a link");
    const developer = await person({ extraHTTPHeaders: {} });
    const { page } = developer;
    await developer.goto(service.mailbox);
    await inspect(developer, "dev-mail-list");
    // Mails of other tests may still arrive: the newest need not be this one.
    await developer.press(page.locator("main li").filter({ hasText: email }).getByRole("link"));
    await inspect(developer, "dev-mail");

    const frame = page.frameLocator('section[aria-labelledby="as-html"] iframe');
    await frame.getByRole("heading", { name: "Confirm your e-mail address" }).waitFor();
    const action = frame.getByRole("link", { name: "Confirm and set a password" });
    assert.equal(await action.getAttribute("href"), link, "the link is in the HTML part, as a mail program shows it");

    const text = page.locator('section[aria-labelledby="as-text"] pre');
    assert.match(await text.innerText(), /^Confirm your e-mail address\n\nSomebody, most likely you/);
    const followed = text.locator('a[href*="/l/"]');
    assert.equal(await followed.getAttribute("href"), link, "the link can be followed in the text part");
    assert.equal(await followed.innerText(), link);

    const source = await page.locator('section[aria-labelledby="as-source"] pre').innerText();
    assert.match(source, /^Message-ID: <\S+@\S+>$/m);
    assert.match(source, /^Auto-Submitted: auto-generated$/m);
    assert.ok(source.includes(link), "the link is whole in the raw source");
  });
});
