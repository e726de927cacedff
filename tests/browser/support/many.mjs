// Chancery in many processes that are killed and started again all the time, or left in peace: see tests/src/bin/many-processes.rs.

import { spawn } from "node:child_process";

import { until } from "./until.mjs";

/** The service behind its balancer. It stands where a `Service` does. */
export class Many {
  /** With `--calm` nothing is killed. */
  static async start(...args) {
    const program = process.env.CHANCERY_TEST_MANY;
    if (!program) throw new Error("CHANCERY_TEST_MANY is not set: start the tests with tests/run.");
    const many = new Many();
    many.proxied = true;
    many.read = new Set();
    many.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    many.ended = new Promise((resolve) => many.child.on("close", resolve));
    many.out = "";
    for (const stream of [many.child.stdout, many.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => { many.out += text; });
    }
    await until("it says where it is", () => {
      if (many.child.exitCode !== null) throw new Error(many.out);
      return /^aside \S+$/m.test(many.out);
    }, 60_000);
    many.url = /^people (\S+)$/m.exec(many.out)[1];
    many.aside = /^aside (\S+)$/m.exec(many.out)[1];
    return many;
  }

  async #ask(path) {
    return (await fetch(`${this.aside}${path}`)).json();
  }

  /** The newest mail to `address` under a subject like this one that was not asked for yet. */
  async mail(address, subject = /^/, patience = 180_000) {
    const mailed = await until(`a mail to ${address} arrives`, async () => {
      const mails = await this.#ask("/mails");
      const wanted = (mail) => mail.to.includes(address) && subject.test(mail.subject) && !this.read.has(mail.text);
      return mails.reverse().find(wanted);
    }, patience);
    this.read.add(mailed.text);
    return { ...mailed, code: /^\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*$/m.exec(mailed.text)?.[1] };
  }

  /** Ends the killing: how often it happened, and what the audit finds. */
  async verdict() {
    return this.#ask("/verdict");
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}
