// A Chancery of the test's own: a process on a free port with its data in a temporary folder.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "./until.mjs";

const LEASH = fileURLToPath(new URL("../../leash", import.meta.url));
const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/** A running service. */
export class Service {
  /**
   * Starts one. `args` are further arguments of `chancery serve`; with `proxied` it believes `X-Forwarded-For`, so that
   * each browser can come from a network of its own and none meets the limits of another.
   */
  static async start({ args = [], proxied = true } = {}) {
    const service = new Service();
    service.folder = await mkdtemp(join(tmpdir(), "chancery-browser-"));
    service.args = [...args, ...(proxied ? ["--trusted-proxies", "127.0.0.1,::1"] : [])];
    service.proxied = proxied;
    service.read = new Set();
    await service.#run("127.0.0.1:0", {});
    return service;
  }

  /** Whether this machine can start a service whose clock is ahead. */
  static canBeAhead() {
    return existsSync(FAKETIME);
  }

  /** Starts the same service anew on the same port, its clock ahead of the machine's by `span`, such as "2h". */
  async restartAhead(span) {
    await this.#end();
    const port = new URL(this.url).port;
    await this.#run(`127.0.0.1:${port}`, {
      LD_PRELOAD: FAKETIME, FAKETIME: `+${span}`, FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1",
    });
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
    [this.mailbox, this.key] = /shown at ((?:\S+)\?key=(\w+))$/m.exec(this.log).slice(1);
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

  async #get(path) {
    const answer = await fetch(`${this.url}${path}`, { headers: { cookie: `chancery-development=${this.key}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.text();
  }

  /** The ids of the mails to `address` that were not asked for yet, newest first. */
  async #unread(address) {
    const rows = (await this.#get("/dev/mail")).matchAll(/href="\/dev\/mail\/([^"]+)".*?<bdi>(.*?)<\/bdi>/gs);
    return [...rows].filter(([, id, to]) => to === address && !this.read.has(id)).map(([, id]) => id);
  }

  /** How many mails to `address` were not asked for yet. */
  async unread(address) {
    return (await this.#unread(address)).length;
  }

  /** The oldest mail to `address` that was not asked for yet, as soon as there is one. */
  async mail(address) {
    const id = await until(`a mail to ${address} arrives`, async () => (await this.#unread(address)).pop());
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
