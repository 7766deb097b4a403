// The keys of the desk: a letter or digit is a tap while no text is being typed, and Enter saves.
// Long rows (procedures, districts, answers) have a key that leads into them: it shows a key on
// each of their chips, and the next key taps one.
(() => {
  "use strict";
  const desk = window.deskPage;
  if (!desk) return;
  const { form, find, all, announce } = desk;
  const NEXT = "123456789abcdefghijklmnopqrstuvwxyz"; // 0 is "not said"
  const typing = (target) => target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

  const mark = (place, key) => {
    let shown = find("kbd", place);
    if (!shown) {
      shown = document.createElement("kbd");
      shown.setAttribute("aria-hidden", "true");
      place.append(shown);
    }
    shown.textContent = key.toUpperCase();
  };
  const press = (input) => {
    input.click();
    const chip = input.closest("label");
    if (chip) announce(find("span", chip).textContent);
  };

  const leave = () => all("[data-led]", form).forEach((row) => { delete row.dataset.led; });
  const lead = (row) => {
    let count = 0;
    all("label", row).filter((each) => !each.hidden).forEach((chip) => {
      const input = find("input", chip);
      input.dataset.next = input.value ? NEXT[count++] || "" : "0";
      mark(chip, input.dataset.next);
    });
    row.dataset.led = "1";
    row.scrollIntoView({ block: "nearest" });
    announce(find("legend", row).firstChild.textContent.trim());
  };
  const tap = (event) => {
    const key = CSS.escape(event.key.toLowerCase());
    const led = find("[data-led]", form);
    if (led) {
      leave();
      const next = all(`[data-next="${key}"]`, led).find((each) => !each.closest("label").hidden);
      event.preventDefault();
      return next && press(next);
    }
    const row = all(`[data-lead="${key}"]`, form).find((each) => each.getClientRects().length);
    const input = find(`[data-key="${key}"]`, form);
    if (!row && !input) return;
    event.preventDefault();
    if (row) lead(row);
    else press(input);
  };
  const PLAIN_KEYS = ["Tab", "Shift", " ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    const target = event.target;
    if (event.key === "Enter" && !target.matches("textarea, select, button, a, summary")) {
      event.preventDefault();
      leave();
      if (!event.repeat) form.requestSubmit(find(`button[value=${event.shiftKey ? "keep" : "clear"}]`, form));
    } else if (typing(target)) {
      if (event.key === "Escape") target.blur();
    } else if (event.key === "/") {
      event.preventDefault();
      leave();
      form.elements.namedItem("note").focus();
    } else if (!event.repeat && !event.shiftKey && !PLAIN_KEYS.includes(event.key)) tap(event);
  });
  form.addEventListener("focusin", (event) => { if (typing(event.target)) leave(); });

  // The answers come and go with the topic, and may come while somebody is led into them.
  let led = false;
  document.body.addEventListener("htmx:beforeSwap", () => { led = Boolean(find("#matches [data-led]")); });
  document.body.addEventListener("htmx:afterSettle", () => {
    const answers = find("#matches .answers");
    if (!answers) return;
    answers.dataset.lead = ";";
    mark(find("legend", answers), ";");
    if (led) lead(answers);
    led = false;
  });
  form.dataset.keys = "1";
})();
