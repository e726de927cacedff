"use strict";
// Requests to sign in that the authenticator shows, and another PIN: what needs the service, and is signed. The page hands
// over what its views have in common.

const requests = (page) => {
  const { approving, ask, asking, changingPin, denying, devices } = authenticator;
  const { base, texts, views, field, filled, moments, tell, reason, show, home, facts, typed, pinOf, mark, kept } = page;
  const pause = 3_000; // between two looks
  const open = new Map(); // the requests that wait, by id, each with its device
  const voided = new Map(); // devices that the service does not take, and why
  const recoveries = new Map(); // what is said of the recovery of a device's account, where one waits
  let chosen; // the request or the device of the view
  let number = "";
  let looking = false;
  let timer;

  // What is said of a refusal; nothing of what the page says better by itself.
  const why = (error) => ({
    "device-gone": texts.deviceGone,
    "device-blocked": texts.deviceBlocked,
    "device-suspended": texts.deviceSuspended,
    "request-gone": texts.requestGone,
    "wrong-number": texts.wrongNumber,
    "wrong-clock": filled(texts.wrongClock, moments.format(error.time ?? 0)),
  })[error.kind] ?? reason(error);

  const whyVoid = ({ id }) => voided.get(id) ?? "";
  const ofRecovery = ({ id }) => recoveries.get(id) ?? "";
  const saidOfDevices = () => JSON.stringify([...voided, ...recoveries]);

  const noteRecovery = ({ id }, recovery) => {
    const text = recovery?.everything ? texts.recoveryOfAll : texts.recoveryOfOne;
    if (recovery) recoveries.set(id, filled(text, moments.format(recovery.from)));
    else recoveries.delete(id);
  };

  const named = (facts, { application, browser, address, asked, expires }) => {
    const values = { application, browser, address, asked: moments.format(asked), expires: moments.format(expires) };
    for (const fact of facts.querySelectorAll("[data-asked]")) {
      const value = values[fact.dataset.asked];
      fact.textContent = value;
      fact.closest("div").hidden = !value;
    }
  };

  const row = (request) => {
    const item = document.querySelector("[data-request-row]").content.cloneNode(true);
    const title = item.querySelector(".row-title");
    title.id = `request-${request.request}`;
    title.textContent = request.purpose === "change" ? texts.askedToChange : texts.askedToSignIn;
    named(item, request);
    const button = item.querySelector("button");
    button.dataset.request = request.request;
    button.setAttribute("aria-describedby", title.id);
    return item;
  };

  const fill = () => {
    const list = views.get("list").querySelector("[data-requests]");
    const shown = Array.from(list.children, (item) => item.querySelector("button").dataset.request);
    const wanted = Array.from(open.keys());
    // What has not changed is left alone: a finger or a screen reader may be on it.
    if (shown.join() !== wanted.join()) list.replaceChildren(...Array.from(open.values(), row));
  };

  const ofDevice = async (device) => {
    try {
      const { requests: found, push, recovery } = await ask(base, "requests", await asking(device), "same-origin");
      voided.delete(device.id);
      noteRecovery(device, recovery);
      page.offered(device, push);
      return found.map((request) => ({ ...request, device }));
    } catch (error) {
      // Without a network there is nothing to say: codes are shown all the same.
      if (error.kind.startsWith("device-") || error.kind === "wrong-clock") {
        voided.set(device.id, why(error));
        noteRecovery(device);
      } else if (error.kind !== "no-network") throw error;
      return [];
    }
  };

  const refresh = async () => {
    const before = saidOfDevices();
    const here = (await devices.all()).filter(({ publicKey, origin, uid }) => !publicKey && uid && origin === location.origin);
    const found = [];
    for (const device of here) found.push(...(await ofDevice(device)));
    open.clear();
    for (const request of found) open.set(request.request, request);
    fill();
    if (before !== saidOfDevices()) await page.refill();
    return here.some(({ id }) => !voided.has(id));
  };

  // Looks for requests as long as the list is seen and there is a network.
  const look = async () => {
    clearTimeout(timer);
    if (looking || !navigator.onLine) return;
    looking = true;
    let rest = pause;
    let again = true;
    try {
      again = await refresh();
    } catch (error) {
      rest = Math.max(rest, error.retry ?? 0);
    }
    looking = false;
    if (again && page.isShown("list") && !document.hidden) timer = setTimeout(look, rest);
  };
  const lookAgain = () => { if (!document.hidden && page.isShown("list")) look(); };
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("online", lookAgain);

  const answer = (id) => {
    chosen = open.get(id);
    if (!chosen) {
      home(texts.requestGone);
      return;
    }
    facts("request", chosen.device);
    named(views.get("request"), chosen);
    show("request");
    field("request-number").closest(".field").hidden = !chosen.number;
  };

  // A request that a page on this very phone has made.
  const openOne = async (id) => {
    tell(texts.working, "hint");
    await refresh();
    answer(id);
  };

  const goOn = () => {
    number = "";
    if (chosen.number) {
      number = typed("request-number", /^[0-9]{2}$/, texts.wrongNumberDigits);
      if (number === null) return;
    }
    facts("approve", chosen.device);
    show("approve");
  };

  // The page on this phone that waits, if the way led from there.
  const pageThatWaits = () => {
    try {
      const { origin, pathname } = new URL(document.referrer);
      return origin === location.origin && /^\/(login|account)\/verify$/.test(pathname) ? document.referrer : null;
    } catch {
      return null;
    }
  };

  const failed = (error, pin) => {
    if (error.kind === "wrong-pin" && error.tries > 0) {
      tell("");
      mark(field(pin), filled(texts.wrongPinLeft, error.tries));
    } else if (error.kind === "wrong-pin") {
      home(texts.deviceBlocked);
    } else if (error.kind === "no-network" || error.retry) {
      tell(why(error));
    } else {
      home(why(error));
    }
  };

  const approve = async () => {
    const pin = pinOf("approve-pin");
    if (!pin) return;
    const mine = page.turn();
    const { device, request, number: needed } = chosen;
    tell(texts.working, "hint");
    try {
      await ask(base, "requests/approve", await approving(device, request, number, pin), "same-origin");
    } catch (error) {
      if (page.turn() === mine) failed(error, "approve-pin");
      return;
    }
    open.delete(request);
    const waits = needed ? null : pageThatWaits();
    if (waits) location.assign(waits);
    else if (page.turn() === mine) home(texts.approved, "notice");
  };

  const askToDeny = () => {
    facts("deny", chosen.device);
    show("deny");
  };

  const deny = async () => {
    const mine = page.turn();
    const { device, request } = chosen;
    tell(texts.working, "hint");
    try {
      await ask(base, "requests/deny", await denying(device, request));
    } catch (error) {
      if (page.turn() === mine) failed(error, "approve-pin");
      return;
    }
    open.delete(request);
    if (page.turn() === mine) home(texts.denied, "notice");
  };

  // "Change PIN"

  const askToChangePin = async (id) => {
    chosen = await kept(id);
    if (!chosen) return;
    facts("changePin", chosen);
    show("changePin");
  };

  const steps = (digits) => [1, 2, 3].map((at) => digits[at] - digits[at - 1]);
  const isGuessedFirst = (digits) => [0, 1, -1].some((step) => steps(digits).every((one) => one === step));

  const changePin = async () => {
    const pin = pinOf("old-pin");
    const next = pin && pinOf("new-pin");
    const again = next && pinOf("new-pin-again");
    if (!again) return;
    if (isGuessedFirst(next)) {
      mark(field("new-pin"), texts.pinGuessable);
      return;
    }
    if (next !== again) {
      mark(field("new-pin-again"), texts.pinsDiffer);
      return;
    }
    const mine = page.turn();
    tell(texts.working, "hint");
    // The same message once more, should its answer be lost: with the new PIN it would be another one.
    const message = await changingPin(chosen, pin, next);
    try {
      await ask(base, "pin", message).catch((error) => {
        if (error.kind !== "no-network") throw error;
        return ask(base, "pin", message);
      });
    } catch (error) {
      if (page.turn() === mine) failed(error, "old-pin");
      return;
    }
    if (page.turn() === mine) home(texts.pinChanged, "notice");
  };

  const acts = { answer, goOn, approve, askToDeny, deny, askToChangePin, changePin };
  return { acts, look, open: openOne, whyVoid, ofRecovery };
};
