"use strict";
// What the authenticator computes, asks and keeps, as docs/authenticator.md has it. The page's views are in
// authenticator.js, which comes after this file.

const authenticator = (() => {
  const utf8 = (text) => new TextEncoder().encode(text);
  const fromHex = (digits) => Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
  const base64url = (bytes) => btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const fromBase64url = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

  // Fields one behind the other, each with its length in two bytes before it.
  const transcript = (...fields) => {
    const parts = fields.map((field) => (typeof field === "string" ? utf8(field) : field));
    const bytes = new Uint8Array(parts.reduce((length, part) => length + 2 + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set([part.length >> 8, part.length & 0xff], at);
      bytes.set(part, at + 2);
      at += 2 + part.length;
    }
    return bytes;
  };

  // A key that cannot be exported; the bytes that it was made of are gone.
  const hmacKey = async (bytes) => {
    const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    bytes.fill(0);
    return key;
  };
  const hmac = async (key, bytes) => new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes));

  // What a device is made of.
  const newKeys = async () => {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const pair = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
    return {
      secret: await hmacKey(crypto.getRandomValues(new Uint8Array(32))),
      privateKey: pair.privateKey,
      publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    };
  };

  const pinKey = (secret, id, pin) => hmac(secret, transcript("chancery pin 1", fromHex(id), pin));

  const sign = async (privateKey, bytes) =>
    base64url(new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytes)));

  // What a device says of itself: for this origin and this device, and nothing else.
  const fields = ({ id }, purpose, ...more) => transcript(purpose, location.origin, fromHex(id), ...more);
  const said = async (device, message, ...signed) => ({
    uid: device.uid,
    device: device.id,
    ...message,
    signature: await sign(device.privateKey, fields(device, ...signed)),
  });

  // A proof that the PIN was typed, of which nothing is kept.
  const proof = async ({ id, secret }, pin, bytes) => hmac(await hmacKey(await pinKey(secret, id, pin)), bytes);

  // "Is there a request?"
  const asking = (device) => {
    const time = Date.now();
    return said(device, { time }, "chancery ask 1", String(time));
  };

  // "This was me."
  const approving = async (device, request, number, pin) => {
    const proved = await proof(device, pin, fields(device, "chancery prove 1", fromHex(request)));
    const message = { request, number, proof: base64url(proved) };
    return said(device, message, "chancery approve 1", fromHex(request), number, proved);
  };

  // "This wasn't me."
  const denying = (device, request) => said(device, { request }, "chancery deny 1", fromHex(request));

  // "Tell me here."
  const subscribing = (device, push, { endpoint, public_key, auth }) => {
    const time = Date.now();
    const [key, secret, madeFor] = [public_key, auth, push].map(fromBase64url);
    const signed = ["chancery push 1", String(time), endpoint, key, secret, madeFor];
    return said(device, { time, endpoint, public_key, auth, push }, ...signed);
  };

  // "Another PIN."
  const changingPin = async (device, pin, next) => {
    const id = crypto.getRandomValues(new Uint8Array(16));
    const key = await pinKey(device.secret, device.id, next);
    const proved = await proof(device, pin, fields(device, "chancery prove to change 1", id, key));
    const time = Date.now();
    const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const message = { id: hex, time, proof: base64url(proved), pin_key: base64url(key) };
    const whole = await said(device, message, "chancery change pin 1", id, String(time), proved, key);
    key.fill(0);
    return whole;
  };

  // "This is the device": what is posted.
  const initialising = async ({ id, uid, code, keys }, pin, device) => {
    const key = await pinKey(keys.secret, id, pin);
    const signed = transcript("chancery enrol 1", location.origin, uid, fromHex(id), key, keys.publicKey);
    const message = {
      uid,
      code,
      pin,
      public_key: base64url(keys.publicKey),
      pin_key: base64url(key),
      device,
      signature: await sign(keys.privateKey, signed),
    };
    key.fill(0);
    return message;
  };

  // OCRA with HOTP-SHA256-8 and nothing but a question (RFC 6287, section 5.1): the suite, a zero byte, the question
  // filled up with zeros to 128 bytes.
  const respond = async (key, suite, question) => {
    const data = new Uint8Array(suite.length + 1 + 128);
    data.set(utf8(suite));
    data.set(question, suite.length + 1);
    const mac = await hmac(key, data);
    // RFC 4226, section 5.3.
    const number = new DataView(mac.buffer).getUint32(mac[mac.length - 1] & 0xf) & 0x7fffffff;
    return String(number % 100_000_000).padStart(8, "0");
  };

  // Ten digits are a number, which goes in as hexadecimal digits, filled up behind.
  const code = async ({ id, secret }, challenge, pin) => {
    const question = fromHex(Number(challenge).toString(16).padEnd(256, "0"));
    return respond(await hmacKey(await pinKey(secret, id, pin)), "OCRA-1:HOTP-SHA256-8:QN10", question);
  };

  // Why something was not done: `kind` is the end of the problem's type, or `no-network` or `storage`.
  class Refused extends Error {
    constructor(kind, { status = 0, tries, retry, time } = {}) {
      super(kind);
      Object.assign(this, { kind, status, tries, retry, time });
    }
  }

  // Posts a message below `base`. It is signed where that counts, so no cookie goes along, but where it counts that the very
  // browser answers that asked.
  const ask = async (base, what, message, credentials = "omit") => {
    let response;
    let answer;
    try {
      response = await fetch(`${base}/v1/${what}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(message),
        credentials,
        signal: AbortSignal.timeout?.(15_000),
      });
      answer = await response.json();
    } catch {
      if (!response || response.ok) throw new Refused("no-network");
    }
    if (response.ok) return answer;
    const seconds = Number(response.headers.get("Retry-After"));
    const kind = String(answer?.type).split("#problem-").pop();
    // Whatever it was, nothing that this app says is understood any more.
    if (kind === "app-outdated") dispatchEvent(new Event("outdated"));
    throw new Refused(kind, {
      status: response.status,
      tries: answer?.tries,
      time: answer?.time,
      retry: seconds > 0 ? seconds * 1000 : undefined,
    });
  };

  const opened = () => new Promise((resolve, reject) => {
    const request = indexedDB.open("authenticator", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("devices", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  // Opened anew each time: a phone that slept may have closed what was open.
  const inStorage = async (mode, act) => {
    let database;
    try {
      database = await opened();
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("devices", mode, { durability: "strict" });
        const request = act(transaction.objectStore("devices"));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      throw new Refused("storage");
    } finally {
      database?.close();
    }
  };

  // The devices of this browser, by id: {id, uid, origin, service, account, name, secret, privateKey}, and while the page has
  // not confirmed it, {publicKey, since}.
  const devices = {
    all: () => inStorage("readonly", (store) => store.getAll()),
    keep: (device) => inStorage("readwrite", (store) => store.put(device)),
    forget: (id) => inStorage("readwrite", (store) => store.delete(id)),
  };

  return {
    Refused, approving, ask, asking, base64url, changingPin, code, denying, devices, fromBase64url, hmacKey, initialising,
    newKeys, pinKey, subscribing,
  };
})();
