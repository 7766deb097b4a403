// A shared terminal: who leaves it untouched is asked once, then everything is forgotten.
// Without this file the page goes by itself (a refresh in its head).
(() => {
  "use strict";
  const bar = document.querySelector("[data-shared]");
  if (!bar) return;
  const IDLE = Number(bar.dataset.idle) * 1000; // milliseconds
  const WARNED_FOR = 30_000;
  const BUTTON_KEYS = ["Tab", "Shift", "Enter", " "];
  const dialog = document.getElementById("shared-warning");
  const left = dialog.querySelector("[data-left]");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("terminal") : null;
  let touched = Date.now();
  let told = 0;

  bar.querySelectorAll("[data-live]").forEach((words) => { words.hidden = false; });
  // Back leads to an address that can be opened again, and that says nothing of anybody.
  const again = document.querySelector("[data-again]");
  if (again) history.replaceState(null, "", again.dataset.again);

  // First what is on the screen, whatever becomes of the connection; then what the server knows of.
  const wipe = (address) => {
    clearInterval(clock);
    document.querySelectorAll("form").forEach((form) => form.reset());
    document.body.replaceChildren();
    try { sessionStorage.clear(); } catch { /* nothing was kept */ }
    location.replace(address);
  };
  const forget = () => {
    if (tabs) tabs.postMessage({ over: "/?over=idle", sitting: bar.dataset.shared });
    wipe("/terminal/over");
  };
  // Whoever is busy in one tab is not idle in another.
  const touch = (at = Date.now()) => {
    touched = at;
    if (!tabs || at - told < 1000) return;
    told = at;
    tabs.postMessage({ touched: at, sitting: bar.dataset.shared });
  };
  const stay = () => {
    touch();
    if (dialog.open) dialog.close(); // the focus goes back to where it was
  };
  const look = () => {
    const rest = IDLE - (Date.now() - touched);
    if (rest <= 0) return "start" in bar.dataset ? undefined : forget();
    if (rest > WARNED_FOR || "start" in bar.dataset) return;
    left.textContent = left.dataset.left.replace("0", Math.ceil(rest / 1000));
    if (!dialog.open) dialog.showModal();
  };
  const clock = setInterval(look, 1000);

  const signs = ["input", "keydown", "pointerdown", "click", "pointermove", "wheel", "touchstart", "scroll"];
  signs.forEach((sign) => {
    document.addEventListener(sign, (event) => {
      if (!dialog.open) return touch();
      if (sign === "scroll" || (sign === "pointermove" && !event.movementX && !event.movementY)) return;
      const onButton = event.target.closest && event.target.closest("#shared-warning .button");
      if (sign === "keydown" ? !BUTTON_KEYS.includes(event.key) : sign === "click" && !onButton) stay();
      // A mouse on its way to one of the two buttons: still somebody here, and still asked.
      else touch(Date.now() - IDLE + WARNED_FOR);
    }, { passive: true, capture: true });
  });
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("close", () => touch());

  if (tabs) {
    document.addEventListener("submit", (event) => {
      if (event.target.matches("[action='/terminal/over']")) tabs.postMessage({ over: "/?over=done", sitting: bar.dataset.shared });
    });
    tabs.addEventListener("message", ({ data }) => {
      if (data.sitting !== bar.dataset.shared) return;
      if (data.over) return wipe(data.over);
      touched = Math.max(touched, data.touched);
      if (dialog.open && Date.now() - touched < IDLE - WARNED_FOR) dialog.close();
    });
  }

  // A page from the browser's history shows what the person before had typed: never.
  window.addEventListener("pageshow", (event) => { if (event.persisted) forget(); });
  document.addEventListener("visibilitychange", look);
})();
