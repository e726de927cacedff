"use strict";
// Being told that a request waits, though the app is closed: offered where the service and the browser can, and needed for
// nothing. The browser has one address at which it is reached, whichever devices are on it.

const pushes = (page) => {
  const { ask, base64url, devices, fromBase64url, subscribing } = authenticator;
  const { base, texts, views, tell, registration } = page;
  const said = new Set(); // the devices that have said where they are reached since the app was opened
  let key; // the service's own, for which browsers subscribe

  const manager = async () => (await registration())?.pushManager;
  const subscribed = async () => (await manager())?.getSubscription();
  const isFor = (subscription, push) => {
    const made = subscription.options.applicationServerKey;
    return made && base64url(new Uint8Array(made)) === push;
  };

  const tells = async (device, subscription) => {
    // Once, whatever comes of it: the next time that the app is opened it is said again.
    said.add(device.id);
    const { endpoint, keys } = subscription.toJSON();
    await ask(base, "push", await subscribing(device, key, { endpoint, public_key: keys.p256dh, auth: keys.auth }));
  };

  const show = async () => {
    const view = views.get("list");
    const able = key && (await manager()) && window.Notification && Notification.permission !== "denied";
    const has = able && Boolean(await subscribed());
    view.querySelector("[data-push]").hidden = !able;
    view.querySelector("[data-push-off]").hidden = has;
    view.querySelector("[data-push-on]").hidden = !has;
  };

  // What a device hears of the service each time that it asks for requests: whether and by which key it may be told.
  const offered = async (device, push) => {
    try {
      const before = key;
      key = push;
      if (key && !said.has(device.id)) {
        const subscription = await subscribed();
        // One for a key that is no more is worth nothing: its owner is offered another.
        if (subscription && !isFor(subscription, key)) await subscription.unsubscribe();
        else if (subscription) await tells(device, subscription);
      }
      if (before !== key) await show();
    } catch {
      // The app asks by itself: nobody has to hear of it.
    }
  };

  // A browser may take its time, or never come back from it: nothing waits for it.
  const subscribe = async () => {
    try {
      const options = { userVisibleOnly: true, applicationServerKey: fromBase64url(key) };
      await navigator.serviceWorker.ready;
      const subscription = await (await manager()).subscribe(options);
      const here = (await devices.all()).filter(({ publicKey, origin }) => !publicKey && origin === location.origin);
      for (const device of here) await tells(device, subscription);
      await show();
      if (page.isShown("list")) tell(texts.pushOn, "notice");
    } catch {
      await show();
      if (page.isShown("list")) tell(texts.pushFailed);
    }
  };
  const tellMe = () => {
    tell(texts.pushAsked, "hint");
    subscribe();
  };

  const tellMeNot = async () => {
    await (await subscribed())?.unsubscribe();
    said.clear();
    await show();
    tell(texts.pushOff, "notice");
  };

  return { acts: { tellMe, tellMeNot }, offered };
};
