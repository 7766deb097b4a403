// Comfort only: every page works without this file.
(() => {
  "use strict";
  const live = document.getElementById("live");

  const announce = (words) => {
    if (!live || !words) return;
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 50);
  };

  // An error summary takes focus; after a swap, so does the result's heading when focus was lost.
  // Whoever pressed the button wants to see what was found.
  const settle = (root, pressed) => {
    const summary = root.querySelector("[data-error-summary]");
    if (summary) return summary.focus();
    const said = root.querySelector("[data-announce]");
    if (said) announce(said.dataset.announce);
    const lost = !document.activeElement || document.activeElement === document.body;
    const heading = root.querySelector("[data-result-heading]");
    if (heading && (lost || pressed)) heading.focus();
    if (heading && pressed) heading.scrollIntoView();
  };

  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const asked = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    settle(event.target, Boolean(asked) && asked.type === "submit");
  });

  // On a wide screen the menu is not folded, in browsers too whose style sheets cannot say so.
  const menu = document.querySelector(".menu");
  if (menu && matchMedia("(min-width: 48rem)").matches) menu.open = true;

  // A double tap sends once. The guard lifts by itself, and when the page comes back from history.
  const rest = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(rest, 8000, form);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(rest));

  // Who finished with a borrowed device is not shown again, whatever the browser kept of her pages.
  const began = Date.now();
  const finished = (at) => {
    try { return at ? localStorage.setItem("finished", at) : Number(localStorage.getItem("finished")); } catch { return 0; }
  };
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[action='/bookings/closing']")) finished(Date.now());
    if (event.target.dataset.leaves) history.replaceState(null, "", event.target.dataset.leaves);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted || finished() < began) return;
    document.body.replaceChildren();
    location.replace("/");
  });

  // Back to the list with the filters that one came with.
  document.querySelectorAll("[data-back]").forEach((link) => {
    const came = document.referrer && new URL(document.referrer);
    if (came && came.origin === location.origin && came.pathname === link.dataset.back) link.href = came.href;
  });

  // What is typed blind can be looked at; sent it is hidden again.
  document.querySelectorAll("[data-reveal]").forEach((button) => {
    const fields = [...button.form.querySelectorAll("input[type=password]")];
    const show = (seen) => fields.forEach((field) => { field.type = seen ? "text" : "password"; });
    button.hidden = false;
    button.addEventListener("click", () => {
      const seen = fields[0].type === "password";
      show(seen);
      button.setAttribute("aria-pressed", String(seen));
    });
    button.form.addEventListener("submit", () => show(false));
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
