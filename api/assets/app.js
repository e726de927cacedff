// What the pages can do with scripts on. Without this file they work too.
//
// The same file is the worker that solves the proof of work: a worker has no document.
"use strict";

// SHA-256 (FIPS 180-4) of an ASCII text, as eight 32-bit words. crypto.subtle exists in secure contexts only and
// answers each hash asynchronously, which costs more than the hash.
const sha256 = (() => {
  const fraction = (x) => ((x - Math.floor(x)) * 0x100000000) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const start = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const constants = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const w = new Int32Array(64);

  return (text) => {
    const state = Int32Array.from(start);
    const blocks = (text.length + 9 + 63) >> 6;
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < 16; i++) {
        let word = 0;
        for (let j = 0; j < 4; j++) {
          const at = block * 64 + i * 4 + j;
          word = (word << 8) | (at < text.length ? text.charCodeAt(at) : at === text.length ? 0x80 : 0);
        }
        w[i] = word;
      }
      // A text here is far shorter than 2^29 characters: its length in bits fits the last word.
      if (block === blocks - 1) w[15] = text.length * 8;
      for (let i = 16; i < 64; i++) {
        const a = w[i - 15];
        const b = w[i - 2];
        const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
        const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
      }
      state[0] += a; state[1] += b; state[2] += c; state[3] += d;
      state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    }
    return state;
  };
})();

const hex = (words) => Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

// Tries the numbers from..to; answers the one whose hash with the salt is wanted, or -1.
const search = (salt, wanted, from, to) => {
  const first = parseInt(wanted.slice(0, 8), 16) | 0;
  for (let n = from; n <= to; n++) {
    const hash = sha256(salt + n);
    if (hash[0] === first && hex(hash) === wanted) return n;
  }
  return -1;
};

if (typeof document === "undefined") {
  self.onmessage = ({ data }) => self.postMessage(search(data.salt, data.challenge, 0, data.maxnumber));
} else {
  const script = document.currentScript.src;

  const inSlices = (challenge, done) => {
    let from = 0;
    const slice = () => {
      const to = Math.min(from + 400, challenge.maxnumber);
      const found = search(challenge.salt, challenge.challenge, from, to);
      from = to + 1;
      if (found >= 0 || from > challenge.maxnumber) done(found);
      else setTimeout(slice, 0);
    };
    slice();
  };

  const solve = (challenge, done) => {
    let worker;
    try {
      worker = new Worker(script);
    } catch {
      inSlices(challenge, done);
      return;
    }
    worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
    worker.onerror = () => { worker.terminate(); inSlices(challenge, done); };
    worker.postMessage(challenge);
  };

  // The check that a person is here: solve at once, say how it goes, hold the form back until it is done.
  const checks = new Map();

  for (const box of document.querySelectorAll("[data-check]")) {
    const text = box.querySelector("[data-check-text]");
    const show = (state, words) => { box.dataset.state = state; text.textContent = words; };
    const check = { pending: true, waiting: null, wait: () => show("working", box.dataset.waiting) };
    const finish = (state, words) => {
      show(state, words);
      check.pending = false;
      if (check.waiting) check.waiting();
    };
    checks.set(box.closest("form"), check);
    show("working", box.dataset.working);
    try {
      const challenge = JSON.parse(box.dataset.challenge);
      if (challenge.algorithm !== "SHA-256") throw new Error("unknown algorithm");
      solve(challenge, (number) => {
        if (number < 0) {
          finish("failed", box.dataset.failed);
        } else {
          box.querySelector("[name=pow]").value = String(number);
          finish("done", box.dataset.done);
        }
      });
    } catch {
      finish("failed", box.dataset.failed);
    }
  }

  // A form pressed twice in a moment is sent once; after that moment it can be sent again, should the answer be lost.
  for (const form of document.forms) {
    form.addEventListener("submit", (event) => {
      const check = checks.get(form);
      if (check && check.pending) {
        event.preventDefault();
        check.waiting = () => form.requestSubmit(event.submitter);
        check.wait();
        return;
      }
      if (form.getAttribute("aria-busy") === "true") {
        event.preventDefault();
        return;
      }
      form.setAttribute("aria-busy", "true");
      setTimeout(() => form.removeAttribute("aria-busy"), 2000);
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.forms) form.removeAttribute("aria-busy");
  });

  // The rules for a new password, ticked off while typing; the server has the last word.
  const rules = {
    "at-least": (password, bound) => [...password].length >= bound,
    "at-most": (password, bound) => password !== "" && [...password].length <= bound,
    upper: (password) => /\p{Uppercase}/u.test(password),
    lower: (password) => /\p{Lowercase}/u.test(password),
    digit: (password) => /\p{Nd}/u.test(password),
    special: (password) => /[\p{P}\p{S}\p{Z}]/u.test(password),
  };

  for (const box of document.querySelectorAll("[data-new-password]")) {
    const field = box.querySelector("input[type=password]");
    const items = [...box.querySelectorAll("[data-rule]")];
    const status = box.querySelector("[data-rules-status]");
    field.addEventListener("input", () => {
      const password = field.value.normalize("NFC");
      let all = true;
      for (const item of items) {
        const met = rules[item.dataset.rule](password, Number(item.dataset.bound));
        all &&= met;
        item.dataset.state = met ? "met" : "open";
        item.querySelector("[data-mark]").textContent = ` ${met ? status.dataset.met : status.dataset.unmet}`;
      }
      // What only the server can tell is open again once something else is typed.
      for (const item of box.querySelectorAll("[data-state]:not([data-rule])")) {
        item.dataset.state = "open";
        item.querySelector("[data-mark]").textContent = "";
      }
      const words = all ? status.dataset.text : "";
      if (status.textContent !== words) status.textContent = words;
    });
  }

  for (const box of document.querySelectorAll("[data-show-password]")) {
    box.hidden = false;
    const fields = box.dataset.showPassword.split(" ").map((id) => document.getElementById(id));
    const tick = box.querySelector("input");
    const show = (shown) => { for (const field of fields) field.type = shown ? "text" : "password"; };
    tick.addEventListener("change", () => show(tick.checked));
    // A browser must never remember a password as a field's former text.
    tick.form.addEventListener("submit", () => show(false));
  }

  // A page that waits for something elsewhere is shown anew once it is there.
  for (const box of document.querySelectorAll("[data-waits-for]")) {
    let left = false;
    const look = async () => {
      if (document.hidden) return;
      const state = await fetch(box.dataset.waitsFor).then((answer) => answer.json()).catch(() => box.dataset.state);
      if (left || (state === box.dataset.state && state !== box.dataset.goesOn)) return;
      left = true;
      clearInterval(looks);
      // What it waited for goes on by itself.
      if (state === box.dataset.goesOn) box.closest("form").requestSubmit();
      else if (box.dataset.here) location.assign(box.dataset.here);
      else location.reload();
    };
    const looks = setInterval(look, 2000);
    // Also when somebody comes back to it from the app.
    addEventListener("pageshow", look);
    document.addEventListener("visibilitychange", look);
  }

  // Whether a device of the authenticator lies in this browser. A database that is not there is not made.
  const hasDevice = () => new Promise((resolve) => {
    const request = indexedDB.open("authenticator");
    request.onupgradeneeded = () => request.transaction.abort();
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      const database = request.result;
      const done = (found) => { database.close(); resolve(found); };
      try {
        const all = database.transaction("devices").objectStore("devices").getAll();
        all.onsuccess = () => done(all.result.some(({ origin, publicKey }) => origin === location.origin && !publicKey));
        all.onerror = () => done(false);
      } catch {
        done(false);
      }
    };
  });

  // The app on this very phone opens by itself, once for each request.
  for (const box of document.querySelectorAll("[data-opens]")) {
    const { opens } = box.dataset;
    const open = async () => {
      if (box.dataset.state !== "waiting" || sessionStorage.getItem("opened") === opens) return;
      if (!(await hasDevice())) return;
      sessionStorage.setItem("opened", opens);
      location.assign(opens);
    };
    open().catch(() => {});
  }

  // Moments in the person's own time zone, in the page's language.
  const language = document.documentElement.lang;
  const moments = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (!Number.isNaN(moment.getTime())) {
      time.title = time.textContent;
      time.textContent = moments.format(moment);
    }
  }

  // The first wrong field has the focus by itself; a summary without one takes it.
  const summary = document.querySelector(".summary[tabindex]");
  if (summary && !document.querySelector("[autofocus]")) summary.focus();
}
