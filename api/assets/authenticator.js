"use strict";
// The authenticator's page: several views, of which one is shown at a time. What it computes, asks and keeps is in
// authenticator-store.js, how a phone becomes a device in authenticator-enrolment.js, the camera in authenticator-scanner.js,
// requests to sign in and the PIN in authenticator-requests.js, being told of requests in authenticator-push.js. There is no
// form, since nothing is sent as one, and since a browser that sees none is less eager to remember a PIN.

{
  const { code, devices } = authenticator;
  const app = document.querySelector("[data-app]");
  const texts = app.dataset;
  const { app: base, worker, reader } = app.dataset;
  const views = new Map(Array.from(app.querySelectorAll("[data-view]"), (view) => [view.dataset.view, view]));
  const field = (id) => document.getElementById(id);

  const language = document.documentElement.lang;
  const moments = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeStyle: "short" });

  // A text with its one value, which keeps its own direction.
  const filled = (text, value) => text.replace("#", () => `\u2068${value}\u2069`);

  const tell = (text, kind = "summary") => {
    const said = document.querySelector("[data-said]");
    said.replaceChildren();
    if (!text) return;
    const box = document.createElement("p");
    box.className = kind;
    box.textContent = text;
    said.append(box);
  };

  const reason = ({ kind, retry }) => {
    const minute = 60_000;
    if (retry) return filled(texts.later, moments.format(Math.ceil((Date.now() + retry) / minute) * minute));
    return texts[{ "no-network": "noNetwork", "enrolment-gone": "gone", storage: "storage" }[kind]] ?? texts.failed;
  };

  // Views

  let shown = "list";
  let turn = 0; // counts views: what was begun in one of them does not go on in the next
  let leave = () => {}; // what the view that is shown leaves behind

  const clear = () => {
    leave();
    leave = () => {};
    for (const input of app.querySelectorAll("input")) {
      input.value = "";
      mark(input);
    }
  };

  const show = (name, focus = true) => {
    clear();
    turn++;
    shown = name;
    tell("");
    for (const [key, view] of views) view.hidden = key !== name;
    if (name !== "list" && !history.state) history.pushState("inside", "");
    if (focus) views.get(name).querySelector("h2").focus();
  };

  // The list is where "back" leads; it says what came of the view that was left.
  let news = [];
  const home = (text, kind) => {
    news = [text, kind];
    if (!history.state) {
      showList();
      return;
    }
    // So that a second call goes back no further.
    history.replaceState(null, "");
    history.back();
  };
  addEventListener("popstate", () => { if (!location.hash) showList(); });

  const showList = async (focus = true) => {
    const trouble = await listed();
    show("list", focus);
    asked.look();
    tell(...(trouble ? [trouble] : news));
    news = [];
    enrolled.resume();
  };

  const facts = (name, { service, account, name: device }) => {
    const values = { service, account, device };
    for (const value of views.get(name).querySelectorAll("[data-fact]")) value.textContent = values[value.dataset.fact];
  };

  // Says what is wrong with a field; without a text, that nothing is.
  const mark = (input, text = "") => {
    const error = field(`${input.id}-error`);
    error.textContent = text;
    error.hidden = !text;
    error.className = text ? "error" : "";
    input.closest(".field").classList.toggle("wrong", text !== "");
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (text) input.focus();
  };

  // What was typed without white space, if it is as it must be; it stays in no field of a PIN.
  const typed = (id, pattern, wrong) => {
    const input = field(id);
    const text = input.value.replace(/\s/g, "");
    if (input.type === "password") input.value = "";
    mark(input, pattern.test(text) ? "" : wrong);
    return pattern.test(text) ? text : null;
  };
  const pinOf = (id) => typed(id, /^[0-9]{4}$/, texts.wrongPinDigits);

  // The list

  const row = (device) => {
    const item = document.querySelector("[data-row]").content.cloneNode(true);
    const name = item.querySelector("[data-fact=device]");
    name.textContent = device.name;
    name.id = `device-${device.id}`;
    item.querySelector("[data-fact=account]").textContent = device.account;
    item.querySelector("[data-waits]").hidden = !device.publicKey;
    item.querySelector("[data-void]").textContent = asked.whyVoid(device);
    const recovery = item.querySelector("[data-recovery]");
    recovery.textContent = asked.ofRecovery(device);
    recovery.hidden = !recovery.textContent;
    for (const button of item.querySelectorAll("button")) {
      button.dataset.device = device.id;
      button.setAttribute("aria-describedby", name.id);
      if (button.dataset.do !== "askToRemove") button.hidden = Boolean(device.publicKey);
    }
    return item;
  };

  // Fills the list; says what is wrong with the storage.
  const listed = async () => {
    const view = views.get("list");
    const installed = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
    let here = [];
    let trouble = "";
    try {
      here = await devices.all();
    } catch (error) {
      trouble = reason(error);
    }
    enrolled.listed(here);
    here.sort((one, other) => `${one.account} ${one.name}`.localeCompare(`${other.account} ${other.name}`));
    view.querySelector("[data-list]").replaceChildren(...here.map(row));
    view.querySelector("[data-none]").hidden = here.length > 0;
    view.querySelector("[data-cleared]").hidden = here.length > 0 || !installed;
    for (const hint of app.querySelectorAll("[data-install]")) hint.hidden = installed;
    return trouble;
  };

  const kept = async (id) => (await devices.all()).find((device) => device.id === id && device.origin === location.origin);

  // "Show a code"

  let chosen; // the device of the view

  const askFor = async (id, challenge = "") => {
    chosen = await kept(id);
    if (!chosen) {
      home(texts.notHere);
      return;
    }
    facts("code", chosen);
    show("code");
    field("challenge").value = challenge;
    field("challenge").closest(".field").hidden = challenge !== "";
  };

  const showCode = async () => {
    const challenge = typed("challenge", /^[0-9]{10}$/, texts.wrongChallenge);
    const pin = challenge && pinOf("challenge-pin");
    if (!pin) return;
    const mine = turn;
    const digits = await code(chosen, challenge, pin);
    if (turn !== mine) return;
    show("shown");
    const seen = app.querySelector("[data-code]");
    const spoken = app.querySelector("[data-code-spoken]");
    seen.textContent = `${digits.slice(0, 4)} ${digits.slice(4)}`;
    // A screen reader says the heading first, and then what is new.
    const say = setTimeout(() => { spoken.textContent = Array.from(digits).join(" "); }, 300);
    const hide = setTimeout(() => home(texts.hidden, "notice"), 120_000);
    leave = () => {
      clearTimeout(say);
      clearTimeout(hide);
      seen.textContent = "";
      spoken.textContent = "";
    };
  };

  // "This app is out of date": what the service has is fetched anew. Devices are none of what is thrown away.

  // Said once by itself: the list behind it still shows codes, and goes on to ask. Whoever does something else is told again.
  const outdated = () => { if (shown !== "outdated") show("outdated"); };
  addEventListener("outdated", outdated, { once: true });

  const renew = async () => {
    if (!navigator.onLine) {
      tell(texts.noNetwork);
      return;
    }
    for (const name of await caches.keys()) await caches.delete(name);
    location.reload();
  };

  // "Remove from this phone"

  const askToRemove = async (id) => {
    chosen = await kept(id);
    if (!chosen) return;
    facts("remove", chosen);
    show("remove");
  };

  const remove = async () => {
    const { id, name } = chosen;
    enrolled.forget(id);
    await devices.forget(id);
    home(filled(texts.removed, name), "notice");
  };

  // Links and pictures

  // What follows `#` in the address of the app; null if that asks for nothing.
  const wishIn = (hash) => {
    const [, uid, secret] = /^#add=([0-9a-z]{1,32})\.([\w-]{22})$/.exec(hash) ?? [];
    if (uid) return () => enrolled.look(uid, secret);
    const [, id, challenge] = /^#code=([0-9a-f]{32})\.([0-9]{10})$/.exec(hash) ?? [];
    if (id) return () => askFor(id, challenge);
    const [, request] = /^#ask=([0-9a-f]{32})$/.exec(hash) ?? [];
    return request ? () => asked.open(request) : null;
  };

  const follow = async (wish) => {
    const mine = turn;
    try {
      await wish();
    } catch (error) {
      if (error.kind === "app-outdated") outdated();
      else if (turn === mine) home(reason(error));
    }
  };

  // A link to the app; what it holds does not stay in the address.
  const arrive = (hash) => {
    if (!/^#(add|code|ask)=/.test(hash)) return;
    history.replaceState(null, "", location.pathname);
    const wish = wishIn(hash);
    if (wish) follow(wish);
    else home(texts.foreign);
  };
  addEventListener("hashchange", () => arrive(location.hash));

  const wishInPicture = (text) => {
    try {
      const { origin, pathname, hash } = new URL(text);
      return origin === location.origin && pathname === base ? wishIn(hash) : null;
    } catch {
      return null;
    }
  };

  const scan = async () => {
    const from = shown;
    show("scan");
    const mine = turn;
    const view = views.get("scan");
    const says = view.querySelector("[data-scan-text]");
    says.textContent = "";
    const camera = new AbortController();
    leave = () => camera.abort();
    try {
      await scanner(view.querySelector("video"), reader, camera.signal, (text) => {
        const wish = wishInPicture(text);
        if (!wish) {
          if (says.textContent === "") says.textContent = texts.foreign;
          return;
        }
        camera.abort();
        follow(wish);
      });
    } catch {
      if (turn !== mine) return;
      if (from === "add") {
        show("add");
        tell(texts.noCamera);
      } else {
        home(texts.noCamera);
      }
    }
  };

  // Buttons

  const common = {
    base, texts, views, field, filled, moments, tell, reason, show, home, facts, typed, pinOf, mark, kept,
    isShown: (view) => shown === view,
    turn: () => turn,
  };
  const enrolled = enrolments(common);
  const told = pushes({ ...common, registration: () => registered });
  const asked = requests({ ...common, refill: () => listed(), offered: told.offered });

  const acts = {
    ...enrolled.acts, ...told.acts, ...asked.acts,
    add: () => show("add"), scan, code: askFor, showCode, askToRemove, remove, renew,
  };

  let busy = -1; // the turn whose act is at work
  const run = async (act, device) => {
    if (busy === turn) return;
    const mine = turn;
    busy = mine;
    try {
      await act(device);
    } catch (error) {
      if (error.kind === "app-outdated") outdated();
      else if (turn === mine) tell(reason(error));
    } finally {
      if (busy === mine) busy = -1;
    }
  };

  app.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-do]");
    if (!button) return;
    if (button.dataset.do === "home") home();
    else run(acts[button.dataset.do], button.dataset.device ?? button.dataset.request);
  });
  app.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input")) return;
    event.preventDefault();
    event.target.closest("[data-view]").querySelector("button.main").click();
  });

  // A page that is left, or comes back from the browser's memory, shows no code.
  addEventListener("pagehide", clear);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) home(); });

  // A notification was tapped while the app is open.
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (/^[0-9a-f]{32}$/.test(data?.request)) follow(() => asked.open(data.request));
  });

  let registered = Promise.resolve(null); // the worker's registration, null where there is none

  const start = async () => {
    if (!window.crypto?.subtle || !window.indexedDB) {
      tell(texts.needs);
      return;
    }
    const { hash } = location;
    history.replaceState(null, "", location.pathname);
    registered = navigator.serviceWorker?.register(worker, { scope: base }).catch(() => null) ?? Promise.resolve(null);
    await showList(false);
    enrolled.opened(await devices.all().catch(() => []));
    arrive(hash);
  };
  start();
}
