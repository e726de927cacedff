"use strict";
// How a phone becomes a device: the code is looked up, the PIN typed, and what became of it asked until the page has
// confirmed it. The page hands over what its views have in common.

const enrolments = (page) => {
  const { Refused, ask, devices, initialising, newKeys } = authenticator;
  const { base, texts, field, filled, tell, reason, show, home, facts, typed, pinOf, mark, isShown, turn } = page;

  // "Initialise"

  let begun; // the enrolment in work

  const look = async (uid, typedCode) => {
    const mine = turn();
    tell(texts.working, "hint");
    const { enrolment, service, account, name } = await ask(base, "enrolments/look", { uid, code: typedCode });
    if (!/^[0-9a-f]{32}$/.test(enrolment)) throw new Refused("failed");
    if (turn() !== mine) return;
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
    const mine = turn();
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
          if (turn() === mine) refused(error);
          return;
        }
      }
    }
    if (turn() === mine) {
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

  // The phone's own fingerprint, face or lock is a device of its own, which the account adds.
  const offerOwnLock = async () => {
    const able = await window.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.();
    if (able) page.views.get("list").querySelector("[data-own-lock]").hidden = false;
  };

  const settle = async (device) => {
    const state = await stateOf(device);
    // It may have been removed meanwhile, or begun anew.
    if (waiting.get(device.id) !== device) return;
    if (state === "confirmed") {
      const { since, publicKey, ...confirmed } = device;
      await devices.keep(confirmed);
      navigator.storage?.persist?.().catch(() => {});
      offerOwnLock().catch(() => {});
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
    if (isShown("list") || (isShown("waiting") && begun.id === device.id)) home(text, kind);
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
  document.addEventListener("visibilitychange", () => { if (!document.hidden) resume(); });

  const resume = () => { if (waiting.size > 0) poll(); };

  // What the list has is what is asked about, as long as an enrolment lasts.
  const listed = (here) => {
    for (const device of here) if (device.publicKey && Date.now() < device.since + longest) waiting.set(device.id, device);
  };

  // When the app is opened what waits is asked about once, however long ago it began.
  const opened = (here) => {
    for (const device of here) if (device.publicKey && !waiting.has(device.id)) waiting.set(device.id, device);
    resume();
  };

  const acts = { look: lookTyped, initialise };
  return { acts, forget: (id) => waiting.delete(id), listed, look, opened, resume };
};
