"use strict";
// What the camera sees: QR codes, read by jsqr.js, which is loaded when it is needed.

const scanner = (() => {
  const { nonce } = document.currentScript;
  const longest = 720; // side of a picture that is looked at, in pixels
  const pause = 150; // between two of them, in milliseconds

  const load = (address) => new Promise((resolve, reject) => {
    if (window.jsQR) {
      resolve();
      return;
    }
    const script = document.createElement("script");
    Object.assign(script, { src: address, nonce, onload: resolve, onerror: reject });
    document.head.append(script);
  });

  // Shows in `video` what the camera sees, until the signal is aborted, and calls `saw` with the text of each QR code. Fails
  // if there is no camera, or none that may be used.
  return async (video, address, signal, saw) => {
    await load(address);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
    const stop = () => {
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener("abort", stop);
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const look = () => {
      if (signal.aborted) return;
      const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
      const width = Math.floor(video.videoWidth * scale);
      const height = Math.floor(video.videoHeight * scale);
      if (width > 0 && height > 0) {
        Object.assign(canvas, { width, height });
        context.drawImage(video, 0, 0, width, height);
        const found = jsQR(context.getImageData(0, 0, width, height).data, width, height, { inversionAttempts: "dontInvert" });
        if (found) saw(found.data);
      }
      setTimeout(look, pause);
    };
    look();
  };
})();
