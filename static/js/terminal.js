// A shared terminal: who leaves it untouched is asked once, then everything is forgotten.
// Without this file the page goes by itself (a refresh in its head).
(() => {
  "use strict";
  const bar = document.querySelector("[data-shared]");
  if (!bar) return;
  const IDLE = Number(bar.dataset.idle) * 1000; // milliseconds
  const WARNED_FOR = 30_000;
  const dialog = document.getElementById("shared-warning");
  const left = dialog.querySelector("[data-left]");
  let touched = Date.now();

  // First what is on the screen, whatever becomes of the connection; then what the server knows of.
  const forget = () => {
    clearInterval(clock);
    document.querySelectorAll("form").forEach((form) => form.reset());
    document.body.replaceChildren();
    try { sessionStorage.clear(); } catch { /* nothing was kept */ }
    location.replace("/terminal/over");
  };
  const look = () => {
    const rest = IDLE - (Date.now() - touched);
    if (rest <= 0) return forget();
    if (rest > WARNED_FOR || "start" in bar.dataset) return;
    left.textContent = Math.ceil(rest / 1000);
    if (!dialog.open) dialog.showModal();
  };
  const stay = () => {
    touched = Date.now();
    if (dialog.open) dialog.close();
  };
  const clock = setInterval(look, 1000);

  ["input", "keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"].forEach((sign) => {
    document.addEventListener(sign, () => {
      if (!dialog.open) touched = Date.now();
    }, { passive: true, capture: true });
  });
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("close", stay);

  // A page from the browser's history shows what the person before had typed: never.
  window.addEventListener("pageshow", (event) => { if (event.persisted) forget(); });
  document.addEventListener("visibilitychange", look);
})();
