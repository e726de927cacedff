"use strict";
// Security keys and trusted platforms (WebAuthn). A form with a part marked `data-security-key` is sent once the key has
// answered: the answer, as JSON, is the value of its hidden field. Only pages with such a form load this, before app.js.

{
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // By hand: browsers in use lack parseCreationOptionsFromJSON() and toJSON() (WebAuthn level 3, section 5.1).
  const named = (list) => list && list.map((key) => ({ ...key, id: bytes(key.id) }));
  const asked = (question) => {
    const options = { ...JSON.parse(question) };
    options.challenge = bytes(options.challenge);
    if (options.user) options.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
    if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
    return options;
  };
  const answered = (credential, device) => {
    const { response } = credential;
    const told = { clientDataJSON: text(response.clientDataJSON) };
    if (response.attestationObject) {
      told.attestationObject = text(response.attestationObject);
      told.transports = response.getTransports ? response.getTransports() : [];
    } else {
      told.authenticatorData = text(response.authenticatorData);
      told.signature = text(response.signature);
      told.userHandle = text(response.userHandle);
    }
    const { credProps } = credential.getClientExtensionResults();
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credProps ? { credProps } : {},
      response: told,
      device,
    });
  };

  // What the device on which the browser runs tells of itself, as far as the browser does (User-Agent Client Hints).
  const ownDevice = async () => {
    const hints = await navigator.userAgentData?.getHighEntropyValues?.(["model", "platformVersion"]).catch(() => {});
    if (!hints) return undefined;
    const short = (text) => Array.from(String(text ?? "").replace(/\p{C}/gu, "")).slice(0, 64).join("");
    const { platform = "", platformVersion = "", model } = hints;
    // On Windows it is no version that people know.
    const version = platform === "Windows" ? "" : platformVersion.replace(/(\.0)+$/, "");
    return { os: short(`${platform} ${version}`.trim()), model: short(model) };
  };

  // After a removal: the browser no longer proposes what is gone (WebAuthn level 3, section 5.1.10.2), where it can.
  for (const told of document.querySelectorAll("[data-accepted-keys]")) {
    window.PublicKeyCredential?.signalAllAcceptedCredentials?.(JSON.parse(told.dataset.acceptedKeys)).catch(() => {});
  }

  for (const part of document.querySelectorAll("[data-security-key]")) {
    const form = part.closest("form");
    const field = part.querySelector("input[type=hidden]");
    const button = part.querySelector("button");
    const says = part.querySelector("[data-security-key-text]");
    const first = part.dataset.securityKey === "first";
    if (first && window.PublicKeyCredential) form.hidden = false;
    if (!window.PublicKeyCredential) {
      says.textContent = part.dataset.unable;
      button.disabled = true;
      continue;
    }
    // Before a name was typed the question is fetched: a page that nobody uses so costs the service nothing.
    const question = async () => {
      if (!first) return part.dataset.question;
      const asks = document.querySelector("form[data-passkey-question]");
      const answer = await fetch(asks.action, { method: "POST", body: new URLSearchParams(new FormData(asks)) });
      if (!answer.ok) throw new DOMException("the question was refused", answer.status === 429 ? "TooMany" : "");
      return answer.text();
    };
    let autofill = new AbortController();
    const ask = async () => {
      // A browser asks one thing at a time.
      autofill.abort();
      const publicKey = asked(await question());
      if (part.dataset.securityKey === "create") return navigator.credentials.create({ publicKey });
      return navigator.credentials.get({ publicKey });
    };
    const causes = { InvalidStateError: "there", NotAllowedError: "refused", AbortError: "refused", TooMany: "tooMany" };
    let waiting = false;
    let propose = () => {};
    form.addEventListener("submit", (event) => {
      if (field.value) return;
      // What is wrong with the name is told before a key is made for nothing.
      const name = form.elements.device_name;
      if (name && (!name.value.trim() || [...name.value].length > 32)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waiting) return;
      waiting = true;
      says.textContent = part.dataset.waiting;
      ask().then(async (credential) => {
        const isOwn = Boolean(credential.response.attestationObject) && credential.authenticatorAttachment === "platform";
        field.value = answered(credential, isOwn ? await ownDevice() : undefined);
        form.requestSubmit(button);
      }).catch((error) => {
        says.textContent = part.dataset[causes[error.name] ?? "failed"];
      }).finally(() => {
        waiting = false;
        propose();
      });
    });
    // Passkeys among what the browser proposes for the name (conditional mediation, WebAuthn level 3, section 5.1.4).
    if (first) {
      const half = 120_000; // of a question's life
      let due = 0;
      let timer;
      const conditional = async () => {
        autofill.abort();
        autofill = new AbortController();
        const { signal } = autofill;
        if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
        const publicKey = asked(await question());
        if (signal.aborted) return;
        const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal });
        field.value = answered(credential);
        form.requestSubmit(button);
      };
      propose = () => {
        if (waiting || field.value) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          due = 0;
          seen();
        }, half);
        due = Date.now() + half;
        conditional().catch(() => {});
      };
      // A page that nobody sees asks nothing; seen again, it asks anew if its question is too old by then.
      const seen = () => { if (!document.hidden && Date.now() >= due) propose(); };
      document.addEventListener("visibilitychange", seen);
      seen();
    }
    // A page that comes back from the browser's memory asks anew.
    addEventListener("pageshow", (event) => {
      field.value = "";
      if (event.persisted) propose();
    });
  }
}
