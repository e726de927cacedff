"use strict";
// The authenticator without a network: the page's service worker. It keeps the page and the files that the page names in
// this script's address, so that a page with other files has another worker with a store of its own. Devices are none of
// its business: they lie in the database of the page.

const assets = new URL(self.location.href).searchParams.getAll("asset");
const app = new URL(self.registration.scope).pathname;
const prefix = "authenticator ";
const store = prefix + assets.join(" ");
const patience = 3_000; // until the page is shown as it was kept

// The page as the service has it now, and whether it is made of the files that are kept.
const fetched = async (address) => {
  const response = await fetch(address, { redirect: "error" });
  const html = response.ok ? await response.clone().text() : "";
  return { response, fits: assets.every((asset) => html.includes(asset)) };
};
const keep = async (response) => (await caches.open(store)).put(app, response);

const renewed = async (address) => {
  const { response, fits } = await fetched(address);
  if (fits) await keep(response.clone()).catch(() => {});
  return response;
};

const page = async (fresh) => {
  const kept = await caches.match(app, { cacheName: store, ignoreVary: true });
  if (!kept) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, patience, kept));
  return Promise.race([fresh.then((response) => (response.ok ? response : kept), () => kept), late]);
};

const asset = async (path) => (await caches.match(path, { cacheName: store, ignoreVary: true })) ?? fetch(path);

const install = async () => {
  const cache = await caches.open(store);
  await cache.addAll(assets);
  const { response, fits } = await fetched(app);
  if (!fits) throw new Error("the page is of another version");
  await keep(response);
  // The one window that is open brought this version. Where there is another, it may still need a former version's files:
  // then this one waits until they are closed.
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.filter(({ url }) => new URL(url).pathname === app).length < 2) await self.skipWaiting();
};

const activate = async () => {
  const former = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== store);
  await Promise.all(former.map((name) => caches.delete(name)));
  await self.clients.claim();
};

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname, search } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && pathname === app) {
    const fresh = renewed(pathname + search);
    event.waitUntil(fresh.catch(() => {}));
    event.respondWith(page(fresh));
  } else if (assets.includes(pathname)) {
    event.respondWith(asset(pathname));
  }
});

// What is pushed: which request waits, in words of the service. One that is told again takes the place of the first.
const shown = async (message) => {
  const { request, title, text, language } = message;
  await self.registration.showNotification(title, {
    body: text, lang: language, tag: `request-${request}`, data: { request },
  });
};

self.addEventListener("push", (event) => {
  let message;
  try {
    message = event.data.json();
  } catch {
    return;
  }
  event.waitUntil(shown(message));
});

// The app shows the request: the window that is there, or a new one.
const opened = async ({ request }) => {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const open = windows.find(({ url }) => new URL(url).pathname === app);
  if (!open) return self.clients.openWindow(`${app}#ask=${request}`);
  open.postMessage({ request });
  return open.focus();
};

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(opened(event.notification.data));
});
