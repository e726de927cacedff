// What stands in front of a service, and can give browsers the authenticator of another build: the same scripts, one of them
// under another name, as if it had other content.

import { createServer, request } from "node:http";
import { createServer as createPlainServer } from "node:net";

const SCRIPT = /\/assets\/authenticator\.([0-9a-f]{16})\.js/;

/** A port that nobody has. */
export const freePort = () => new Promise((resolve) => {
  const server = createPlainServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Hands everything that comes to `port` on to the service at `to`. From `next()` on it is the next build. */
export async function front(port, to) {
  let build = "";
  const server = createServer((asked, answered) => {
    const path = build ? asked.url.replaceAll(build, "") : asked.url;
    // A connection of its own: the service may have been away since the last one.
    const headers = { ...asked.headers, "accept-encoding": "identity", connection: "close" };
    const options = { host: "127.0.0.1", port: to, path, method: asked.method, headers, agent: false };
    const sent = request(options, (answer) => {
      const isPage = /^text\/html/.test(answer.headers["content-type"] ?? "");
      if (!build || !isPage) {
        answered.writeHead(answer.statusCode, answer.headers);
        answer.pipe(answered);
        return;
      }
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const page = Buffer.concat(parts).toString();
        const hash = SCRIPT.exec(page)?.[1];
        const { "content-length": length, ...others } = answer.headers;
        answered.writeHead(answer.statusCode, others);
        answered.end(hash ? page.replaceAll(hash, hash + build) : page);
      });
    });
    sent.on("error", () => answered.destroy());
    asked.pipe(sent);
  });
  await new Promise((resolve) => { server.listen(port, "127.0.0.1", resolve); });
  return {
    next: () => { build = "next"; },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => { server.close(resolve); });
    },
  };
}
