// The desk's form: what was tapped, emptied and filled again, and what is missing in it. What of it
// the desk's other files need stands in `window.deskPage`; without the form there is none.
window.deskPage = (() => {
  "use strict";
  const form = document.querySelector("form[data-desk]");
  if (!form) return null;
  const DUES = ["due", "tell-due"];
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const announce = (words) => {
    const live = document.getElementById("live");
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 50);
  };

  const press = () => [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const radios = (name) => all(`input[type=radio][name="${name}"]`, form);
  const names = () => [...new Set(all(".chips input", form).map((each) => each.name))];
  const words = (name) => {
    const chosen = radios(name).find((each) => each.checked);
    return chosen && chosen.value ? chosen.parentElement.querySelector("span").textContent : "";
  };
  const pick = (name, value) => radios(name).forEach((each) => { each.checked = each.value === value; });
  const usual = (name) => radios(name).forEach((each) => { each.checked = "usual" in each.dataset; });
  const texts = () => all("input:not([type=radio]):not([type=hidden]), textarea, select", form)
    .filter((each) => !each.closest("#matches"));
  const renew = () => { form.elements.namedItem("submission").value = press(); };
  const begin = (keep) => {
    if (!keep) names().forEach(usual);
    DUES.forEach(usual);
    texts().forEach((each) => {
      if (keep && each.name === "on") return;
      if (each.tagName === "SELECT") each.selectedIndex = Math.max(0, [...each.options].findIndex((o) => o.defaultSelected));
      else each.value = "";
    });
    if (!keep) all("details", form).forEach((each) => { each.open = false; });
    renew();
    narrow();
    quiet();
    desk.touched = false;
    look();
  };
  const takeUp = (entry) => {
    begin(false);
    entry.fields.forEach(([name, value]) => {
      if (radios(name).length) return pick(name, value);
      const field = form.elements.namedItem(name);
      if (field && "value" in field && name !== "waited") field.value = value;
      const folded = value && field && field.closest && field.closest("details");
      if (folded) folded.open = true;
    });
    narrow();
    look();
    desk.touched = true;
    find("h1").focus();
  };

  // Procedures of the topic only.
  const narrow = () => {
    const topic = (radios("topic").find((each) => each.checked) || {}).value;
    const field = find('[data-field="procedure"]', form);
    let some = false;
    all("[data-topics]", field).forEach((chip) => {
      const input = find("input", chip);
      if (!input.value) return;
      const of = chip.dataset.topics.split(" ").filter(Boolean);
      const fits = Boolean(topic) && (of.length === 0 || of.includes(topic));
      chip.hidden = !fits;
      some ||= fits;
      if (!fits && input.checked) pick("procedure", "");
    });
    field.hidden = !some;
  };
  const look = () => {
    const box = find("#matches");
    if (!radios("topic").some((each) => each.checked)) box.replaceChildren();
    else if (navigator.onLine) box.dispatchEvent(new CustomEvent("asked"));
  };

  // What is missing is said at once: later, without a connection, nobody could be asked.
  const missing = () => {
    quiet();
    const wrong = wrongOnes();
    if (!wrong.length) return false;
    sayMissing(wrong);
    wrong[0].focus();
    return true;
  };
  const wrongOnes = () => {
    askWhole();
    return [...form.elements].filter((each) =>
      each.willValidate && !each.closest("#matches") && each.getClientRects().length && !each.checkValidity());
  };
  // Another time has its day and hour; and whoever is told an answer a name, a number and a time.
  const askWhole = () => {
    const field = (name) => form.elements.namedItem(name);
    DUES.forEach((due) => ["day", "hour"].forEach((part) => {
      field(`${due}_${part}`).required = radios(due).some((each) => each.checked && each.value === "other");
    }));
    const told = ["tell-name", "tell-phone"].map(field);
    const never = radios("tell-due")[0];
    const some = !never.checked || [...told, field("tell-reading")].some((each) => each.value.trim());
    told.forEach((each) => { each.required = some; });
    never.setCustomValidity(some && never.checked ? "-" : "");
  };
  const sayMissing = (wrong) => {
    const said = find("#missing");
    const label = (each) => {
      const words = each.closest("fieldset") ? find("legend", each.closest("fieldset")) : each.labels[0];
      return words.firstChild.textContent.trim();
    };
    const words = `${said.dataset.said}: ${[...new Set(wrong.map(label))].join(form.dataset.and)}`;
    if (said.textContent !== words) said.textContent = words;
    said.dataset.of = "missing";
    said.hidden = false;
  };
  const lookAgain = () => { // what has been chosen by now is no longer asked for
    if (find("#missing").hidden || find("#missing").dataset.of !== "missing") return;
    const wrong = wrongOnes();
    if (wrong.length) sayMissing(wrong);
    else quiet();
  };

  const tellWhy = (said, name) => {
    quiet();
    const place = find("#missing");
    place.textContent = said;
    place.dataset.of = "refusal";
    place.hidden = false;
    const field = name && form.elements.namedItem(name);
    if (!field || !field.matches || !field.matches(".input")) return;
    const beside = document.createElement("p");
    beside.className = "field-error";
    beside.id = `${field.id}-refused`;
    beside.textContent = said;
    field.after(beside);
    field.setAttribute("aria-invalid", "true");
    field.dataset.describedby = field.getAttribute("aria-describedby") || "";
    field.setAttribute("aria-describedby", `${field.dataset.describedby} ${beside.id}`.trim());
    field.focus();
  };
  // What was said of the contact before, in the bar and beside a field.
  const quiet = () => {
    find("#missing").hidden = true;
    all("[id$='-refused']", form).forEach((beside) => {
      const field = beside.previousElementSibling;
      field.removeAttribute("aria-invalid");
      field.setAttribute("aria-describedby", field.dataset.describedby);
      beside.remove();
    });
  };

  const desk = {
    touched: false, // is something typed that is not saved yet?
    form, find, all, announce, radios, words, begin, takeUp, narrow, look, missing, lookAgain, tellWhy, quiet,
  };
  return desk;
})();
