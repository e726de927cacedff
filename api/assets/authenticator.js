"use strict";
// The authenticator's page: several views, of which one is shown at a time. What it computes, asks and keeps is in
// authenticator-store.js, the camera in authenticator-scanner.js, requests to sign in and the PIN in authenticator-requests.js. There is no form, since nothing is sent as one, and since a
// browser that sees none is less eager to remember a PIN.

{
  const { Refused, ask, code, devices, initialising, newKeys } = authenticator;
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
    if (waiting.size > 0) poll();
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
    for (const device of here) if (device.publicKey && Date.now() < device.since + longest) waiting.set(device.id, device);
    here.sort((one, other) => `${one.account} ${one.name}`.localeCompare(`${other.account} ${other.name}`));
    view.querySelector("[data-list]").replaceChildren(...here.map(row));
    view.querySelector("[data-none]").hidden = here.length > 0;
    view.querySelector("[data-cleared]").hidden = here.length > 0 || !installed;
    for (const hint of app.querySelectorAll("[data-install]")) hint.hidden = installed;
    return trouble;
  };

  const kept = async (id) => (await devices.all()).find((device) => device.id === id && device.origin === location.origin);

  // "Initialise"

  let begun; // the enrolment in work

  const look = async (uid, typedCode) => {
    const mine = turn;
    tell(texts.working, "hint");
    const { enrolment, service, account, name } = await ask(base, "enrolments/look", { uid, code: typedCode });
    if (!/^[0-9a-f]{32}$/.test(enrolment)) throw new Refused("failed");
    if (turn !== mine) return;
    // It begins anew: what an earlier try left is not asked about.
    waiting.delete(enrolment);
    begun = { id: enrolment, uid, code: typedCode, service, account, name };
    facts("pin", begun);
    show("pin");
  };

  const lookTyped = async () => {
    const uid = typed("enrolment-uid", /^[0-9a-z]{1,32}$/i, texts.wrongUid);
    const typedCode = uid && typed("enrolment-code", /^[0-9a-z-]{1,64}$/i, texts.wrongCode);
    if (typedCode) await look(uid.toLowerCase(), typedCode);
  };

  // What the phone tells of itself, as far as the browser does.
  const ofPhone = async () => {
    const hints = await navigator.userAgentData?.getHighEntropyValues?.(["model", "platformVersion"]).catch(() => {});
    const short = (text) => Array.from(String(text ?? "").replace(/\p{C}/gu, "")).slice(0, 64).join("");
    const { platform = "", platformVersion = "", model } = hints ?? {};
    // On Windows it is no version that people know.
    const version = platform === "Windows" ? "" : platformVersion.replace(/(\.0)+$/, "");
    return { os: short(`${platform} ${version}`.trim()), manufacturer: "", model: short(model) };
  };

  const stateOf = async ({ id, uid, publicKey }) =>
    (await ask(base, "enrolments/state", { uid, enrolment: id, public_key: publicKey })).state;

  const initialise = async () => {
    const pin = pinOf("enrolment-pin");
    if (!pin) return;
    const mine = turn;
    const device = begun;
    tell(texts.working, "hint");
    // The answer to an earlier try may have been lost.
    if (!device.sent || (await stateOf(device.kept)) === "ended") {
      device.keys ??= await newKeys();
      const message = await initialising(device, pin, await ofPhone());
      const { id, uid, service, account, name, keys: { secret, privateKey } } = device;
      const publicKey = message.public_key;
      device.kept = {
        id, uid, publicKey, service, account, name, secret, privateKey, origin: location.origin, since: Date.now(),
      };
      // Kept before it is sent: what counts for the service must not be missing here.
      await devices.keep(device.kept);
      device.sent = true;
      try {
        await ask(base, "enrolments/initialise", message);
      } catch (error) {
        // Refused, nothing of it remains; without an answer it may have arrived, and then the second one comes too late.
        const late = error.kind === "enrolment-gone" && (await stateOf(device.kept).catch(() => "unknown")) !== "ended";
        if (!late) {
          if (error.status >= 400 && error.status < 500) {
            await devices.forget(id);
            device.sent = false;
          }
          if (turn === mine) refused(error);
          return;
        }
      }
    }
    if (turn === mine) {
      facts("waiting", device);
      show("waiting");
    }
    waiting.set(device.id, device.kept);
    poll();
  };

  const refused = (error) => {
    if (error.kind === "wrong-pin" && error.tries > 0) {
      tell("");
      mark(field("enrolment-pin"), filled(texts.wrongPin, error.tries));
    } else if (error.kind === "wrong-pin") {
      home(texts.pinOver);
    } else if (error.kind === "enrolment-gone") {
      home(texts.gone);
    } else {
      tell(reason(error));
    }
  };

  // What became of it: asked while the page is seen

  const waiting = new Map();
  const pause = 2_000;
  const longest = 360_000; // of an enrolment, and a minute more
  let polling = false;
  let timer;

  const settle = async (device) => {
    const state = await stateOf(device);
    // It may have been removed meanwhile, or begun anew.
    if (waiting.get(device.id) !== device) return;
    if (state === "confirmed") {
      const { since, publicKey, ...confirmed } = device;
      await devices.keep(confirmed);
      navigator.storage?.persist?.().catch(() => {});
      waiting.delete(device.id);
      heard(device, filled(texts.confirmed, device.name), "notice");
    } else if (state === "ended") {
      await devices.forget(device.id);
      waiting.delete(device.id);
      heard(device, filled(texts.ended, device.name));
    }
  };

  // Says it where it is waited for; elsewhere the list will show it.
  const heard = (device, text, kind) => {
    if (shown === "list" || (shown === "waiting" && begun.id === device.id)) home(text, kind);
  };

  const poll = async () => {
    clearTimeout(timer);
    if (polling) return;
    polling = true;
    let rest = pause;
    for (const device of Array.from(waiting.values())) {
      try {
        await settle(device);
      } catch (error) {
        rest = Math.max(rest, error.retry ?? 0);
      }
      if (Date.now() > device.since + longest && waiting.delete(device.id)) heard(device, texts.unheard);
    }
    polling = false;
    if (waiting.size > 0 && !document.hidden) timer = setTimeout(poll, rest);
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden && waiting.size > 0) poll(); });

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

  // "Remove from this phone"

  const askToRemove = async (id) => {
    chosen = await kept(id);
    if (!chosen) return;
    facts("remove", chosen);
    show("remove");
  };

  const remove = async () => {
    const { id, name } = chosen;
    waiting.delete(id);
    await devices.forget(id);
    home(filled(texts.removed, name), "notice");
  };

  // Links and pictures

  // What follows `#` in the address of the app; null if that asks for nothing.
  const wishIn = (hash) => {
    const [, uid, secret] = /^#add=([0-9a-z]{1,32})\.([\w-]{22})$/.exec(hash) ?? [];
    if (uid) return () => look(uid, secret);
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
      if (turn === mine) home(reason(error));
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

  const asked = requests({
    base, texts, views, field, filled, moments, tell, reason, show, home, facts, typed, pinOf, mark, kept,
    isShown: (view) => shown === view,
    turn: () => turn,
    refill: () => listed(),
  });

  const acts = { ...asked.acts, add: () => show("add"), scan, look: lookTyped, initialise, code: askFor, showCode, askToRemove, remove };

  let busy = -1; // the turn whose act is at work
  const run = async (act, device) => {
    if (busy === turn) return;
    const mine = turn;
    busy = mine;
    try {
      await act(device);
    } catch (error) {
      if (turn === mine) tell(reason(error));
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

  const start = async () => {
    if (!window.crypto?.subtle || !window.indexedDB) {
      tell(texts.needs);
      return;
    }
    const { hash } = location;
    history.replaceState(null, "", location.pathname);
    navigator.serviceWorker?.register(worker, { scope: base }).catch(() => {});
    await showList(false);
    // However long ago they began.
    for (const device of await devices.all().catch(() => [])) {
      if (device.publicKey && !waiting.has(device.id)) waiting.set(device.id, device);
    }
    if (waiting.size > 0) poll();
    arrive(hash);
  };
  start();
}
