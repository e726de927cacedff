// A Chancery of the test's own: a process on a free port with its data in a temporary folder.

import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { until } from "./until.mjs";

const LEASH = fileURLToPath(new URL("../../leash", import.meta.url));
const LIBRARIES = { arm: "arm-linux-gnueabihf", arm64: "aarch64-linux-gnu", ia32: "i386-linux-gnu",
  loong64: "loongarch64-linux-gnu", ppc64: "powerpc64le-linux-gnu", riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu", x64: "x86_64-linux-gnu" };

/** The subjects of all mails but those that tell of a sign-in, which come beside what a test waits for. */
const NOT_OF_SIGN_INS = /^(?!A sign-in )/;

/** Where faketime's library for this machine's architecture is: Debian has a folder for each, others do not. */
function faketime() {
  const places = [`/usr/lib/${LIBRARIES[process.arch]}`, "/usr/lib64", "/usr/lib"]
    .map((folder) => `${folder}/faketime/libfaketimeMT.so.1`);
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`faketime is not installed: it is at none of ${places.join(", ")}`);
  return found;
}

/** A running service. */
export class Service {
  /**
   * Starts one. `args` are further arguments of `chancery serve`; with `proxied` it believes `X-Forwarded-For`, so that
   * each browser can come from a network of its own and none meets the limits of another. `listen` names its own address,
   * where what stands in front of it has to know it.
   */
  static async start({ args = [], proxied = true, listen = "127.0.0.1:0" } = {}) {
    const service = new Service();
    service.folder = await mkdtemp(join(tmpdir(), "chancery-browser-"));
    service.args = [...args, ...(proxied ? ["--trusted-proxies", "127.0.0.1,::1"] : [])];
    service.proxied = proxied;
    service.read = new Set();
    await service.#run(listen, {});
    return service;
  }

  /** Starts the same service anew on the same port, so many hours after it ended. */
  async restartLater(hours) {
    const library = faketime();
    this.ahead = (this.ahead ?? 0) + hours;
    await this.#end();
    const port = new URL(this.url).port;
    await this.#run(`127.0.0.1:${port}`, {
      LD_PRELOAD: library, FAKETIME: `+${this.ahead}h`, FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1",
    });
  }

  /** Ends it for as long as `act` takes, and starts it anew on the same port. */
  async without(act) {
    await this.#end();
    try {
      return await act();
    } finally {
      await this.#run(this.address, {});
    }
  }

  async #run(listen, environment) {
    const program = process.env.CHANCERY_BIN;
    if (!program) throw new Error("CHANCERY_BIN is not set: start the tests with tests/run.");
    // The leash ends the service however this process ends. SIGKILL, since nothing here is about an orderly end.
    const preload = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const command = ["/usr/bin/env", ...preload, program, "serve", "--data", join(this.folder, "data"),
      "--listen", listen, ...this.args];
    // Variables of the tests' own would be taken for settings.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CHANCERY_")));
    const leash = spawn(LEASH, ["KILL", ...command], { cwd: this.folder, env, stdio: ["pipe", "ignore", "pipe"] });
    this.leash = leash;
    this.log = "";
    leash.stderr.setEncoding("utf8").on("data", (text) => { this.log += text; });
    this.ended = new Promise((resolve) => leash.on("close", resolve));
    try {
      await until("the service is ready", () => {
        if (/^chancery: /m.test(this.log)) throw new Error(this.log);
        return /^ready at \S+$/m.test(this.log);
      }, 30_000);
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.url = /^ready at (\S+)$/m.exec(this.log)[1];
    this.address = listen.endsWith(":0") ? `127.0.0.1:${new URL(this.url).port}` : listen;
    [this.mailbox, this.key] = /^mails .* shown at ((?:\S+)\?key=(\w+))$/m.exec(this.log).slice(1);
  }

  async #end() {
    this.leash.stdin.end();
    await this.ended;
  }

  /** Ends it and removes its data. */
  async stop() {
    await this.#end();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What `chancery` answers to these arguments beside the running service. */
  async command(...args) {
    const { stdout } = await promisify(execFile)(process.env.CHANCERY_BIN, [...args, "--data", join(this.folder, "data")],
      { cwd: this.folder, env: { PATH: process.env.PATH } });
    return stdout;
  }

  async #get(path) {
    const answer = await fetch(`${this.url}${path}`, { headers: { cookie: `chancery-development=${this.key}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.text();
  }

  /** The newest message to a telephone that was not asked for yet, as soon as there is one, and the code in it. */
  async message(number) {
    const texts = async () => {
      const list = await this.#get("/dev/sms");
      const rows = [...list.matchAll(/<bdi>(.*?)<\/bdi><\/p>\s*<pre[^>]*>(.*?)<\/pre>/gs)];
      return rows.filter(([, to, text]) => to === number && !this.read.has(text)).map(([, , text]) => text);
    };
    const text = await until(`a message to ${number} arrives`, async () => (await texts())[0]);
    this.read.add(text);
    return { text, code: /^@localhost #(\S+)$/m.exec(text)?.[1] };
  }

  /** The ids of the mails to `address` with such a subject that were not asked for yet, newest first. */
  async #unread(address, subject) {
    const list = await this.#get("/dev/mail");
    const rows = [...list.matchAll(/href="\/dev\/mail\/([^"]+)">(.*?)<\/a>.*?<bdi>(.*?)<\/bdi>/gs)];
    return rows.filter(([, id, about, to]) => to === address && subject.test(about) && !this.read.has(id)).map(([, id]) => id);
  }

  /** How many mails to `address` were not asked for yet. */
  async unread(address) {
    return (await this.#unread(address, NOT_OF_SIGN_INS)).length;
  }

  /** The oldest mail to `address` that was not asked for yet, as soon as there is one. */
  async mail(address, subject = NOT_OF_SIGN_INS) {
    const id = await until(`a mail to ${address} arrives`, async () => (await this.#unread(address, subject)).pop());
    this.read.add(id);
    const page = await this.#get(`/dev/mail/${id}`);
    const text = /<pre[^>]*>(.*?)<\/pre>/s.exec(page)[1].replaceAll(/<[^>]+>/g, "");
    return {
      subject: /<h1>(.*?)<\/h1>/s.exec(page)[1],
      text,
      link: /https?:\S+\/l\/\S+/.exec(text)?.[0],
      code: /^\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*$/m.exec(text)?.[1],
    };
  }
}
