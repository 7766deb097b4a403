// The desk: contacts wait in the browser until they have arrived, each once and in order. Without
// this file the page is a plain form.
//
// What waits is each account's own: others who use this browser are told only how many there are.
// It lies in the browser's storage as it was typed, not encrypted: a browser offers no encryption to
// a page that comes by plain http, as in many a city's network. Who signs out here is told.
(() => {
  "use strict";
  const form = document.querySelector("form[data-desk]");
  if (!form) return;
  const prefix = `desk-${form.dataset.desk}-`;
  const RETRY = [2, 5, 10, 20, 30]; // seconds
  const ANSWER_WITHIN = 20_000; // milliseconds
  const DOUBLE_TAP = 1000; // milliseconds
  const LAST_ONES = 8;
  const TRIES = 3; // answers of 500 after which what comes behind goes first
  const DUES = ["due", "tell-due"];
  const FAREWELL = 5000; // milliseconds in which signing out tries to send
  const account = form.dataset.account;
  const standsIn = new Set(); // accounts whose contacts are sent by whoever is here
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  let why = "sending";
  let failures = 0;
  let timer = 0;
  let running = null;
  let asked = false;
  let touched = false;
  let savedAt = 0;

  const announce = (words) => {
    const live = document.getElementById("live");
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 50);
  };

  // One key of the storage per contact, so that two windows never overwrite each other's.
  const store = (() => {
    try {
      localStorage.setItem("desk-probe", "1");
      localStorage.removeItem("desk-probe");
      return localStorage;
    } catch { return null; }
  })();
  const read = (key) => {
    try { return { key, ...JSON.parse(store.getItem(key)) }; } catch { return null; }
  };
  const entries = () => (store ? Object.keys(store) : [])
    .filter((key) => key.startsWith(prefix)).sort().map(read).filter((each) => each && each.fields);
  const own = (entry) => entry.by === account;
  const waiting = () => entries().filter((each) => own(each) && each.refused === null);
  const aside = () => entries().filter((each) => own(each) && each.refused !== null);
  const write = ({ key, ...entry }) => store.setItem(key, JSON.stringify(entry));
  const change = (entry, facts) => {
    if (store.getItem(entry.key) !== null) write({ ...entry, ...facts });
  };
  const nextKey = () => {
    const last = entries().at(-1);
    const after = last ? Number(last.key.slice(prefix.length)) + 1 : 0;
    return prefix + String(Math.max(Date.now(), after)).padStart(16, "0");
  };
  const press = () => [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");

  // What is shown of the queue.
  const show = () => {
    const queue = waiting(), refused = aside();
    const quick = why === "sending" && failures === 0; // nothing flickers while all goes well
    tell(["#queue", "[data-waits]"], queue.length, quick);
    tell(["#aside", "[data-refusals]"], refused.length, false);
    all("#queue [data-why]").forEach((each) => { each.hidden = each.dataset.why !== why; });
    find("[data-waiting]").replaceChildren(...queue.map((each) => lineOf(each, false)));
    find("[data-refused]").replaceChildren(...refused.map((each) => lineOf(each, true)));
    const others = [...new Set(entries().filter((each) => !own(each)).map((each) => each.by))];
    find("#others").hidden = others.length === 0;
    find("#others ul").replaceChildren(...others.map(lineOfOther));
  };
  // Of somebody else's nothing is shown but how many there are.
  const lineOfOther = (by) => {
    const theirs = entries().filter((each) => each.by === by);
    const wait = theirs.filter((each) => each.refused === null).length;
    const line = find("#others-line").content.cloneNode(true);
    const say = (place, number) => {
      const said = find(place, line);
      said.hidden = number === 0;
      said.textContent = said.dataset.said.replace("{name}", theirs[0].name).replace("{number}", number);
    };
    say("[data-wait]", wait);
    say("[data-not-saved]", theirs.length - wait);
    const button = find("button", line);
    button.hidden = wait === 0 || standsIn.has(by);
    button.addEventListener("click", () => { standsIn.add(by); show(); flush(); });
    return line;
  };
  const tell = (places, number, quick) => places.forEach((place) => {
    find(place).hidden = quick || number === 0;
    find("[data-number]", find(place)).textContent = number;
  });
  const lineOf = (entry, refused) => {
    const line = find("#queue-line").content.cloneNode(true);
    find("[data-line]", line).textContent = entry.line;
    find("[data-words]", line).textContent = entry.refused || "";
    // What waits may have arrived already, its answer lost: it is corrected once it is listed.
    if (!refused) all(".row, [data-words]", line).forEach((each) => each.remove());
    all("[data-act]", line).forEach((button) => button.addEventListener("click", () => {
      store.removeItem(entry.key);
      if (button.dataset.act === "take-up") {
        takeUp(entry);
        tellWhy(entry.refused, entry.field);
      }
      show();
    }));
    return line;
  };

  // The form: what was tapped, emptied, filled again.
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
    touched = false;
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
    touched = true;
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

  const save = (keep) => {
    if (!touched && Date.now() - savedAt < DOUBLE_TAP) return;
    if (missing()) return;
    if (words("outcome") && radios("outcome").find((each) => each.checked).value === "class_booked") return noClass();
    savedAt = Date.now();
    find("#saved").hidden = true;
    const hour = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    const fields = [...new FormData(form)].filter(([name]) => name !== "book" && name !== "save" && name !== "waited");
    asked = false;
    const entry = {
      key: nextKey(),
      by: account,
      name: form.dataset.name,
      at: Date.now(),
      refused: null,
      line: [hour, words("topic"), words("procedure"), words("outcome")].filter(Boolean).join(" "),
      fields: fields.map(([name, value]) => [name, String(value)]),
    };
    try { write(entry); } catch { return native(); }
    begin(keep);
    toTop();
    if (!running && failures) announce(form.dataset.kept);
    show();
    flush();
  };
  // A class is booked by its own button; without one there would be nothing but a figure.
  const noClass = () => {
    tellWhy(form.dataset.noClass);
    (find("#matches button[name=book]") || radios("outcome").find((each) => each.checked)).focus();
  };
  const toTop = () => {
    const first = find('[data-field="topic"]', form);
    if (first.getBoundingClientRect().top < 0) first.scrollIntoView({ block: "start" });
  };
  const native = () => HTMLFormElement.prototype.submit.call(form);

  // Sent one after the other: the next only once the one before was answered.
  const post = async (entry) => {
    const body = new URLSearchParams(entry.fields);
    body.set("waited", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
    body.set("account", account); // so that nobody sends it who signed in here since
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), ANSWER_WITHIN);
    try {
      const answer = await fetch(form.action, {
        method: "POST", body, headers: { Accept: "application/json" }, signal: stop.signal, cache: "no-store",
      });
      const told = answer.headers.get("content-type") || "";
      return { status: answer.status, said: told.includes("json") ? await answer.json() : {} };
    } finally { clearTimeout(late); }
  };
  const flush = () => { running ||= send().finally(() => { running = null; show(); }); return running; };
  const send = async () => {
    const passed = []; // our side fails on these: they hold up nothing else
    clearTimeout(timer);
    try {
      for (let entry = next(passed); entry; entry = next(passed)) {
        const { status, said } = await post(entry);
        find("#signed-out").hidden = status !== 401;
        if (status === 401) return rest("signed_out");
        if (status >= 500 || status === 429) {
          const tries = (entry.tries || 0) + (status === 500);
          change(entry, { tries });
          if (tries < TRIES) return rest("trouble");
          passed.push(entry);
          continue;
        }
        if (status === 201) {
          arrived(entry, said);
          passed.splice(0).forEach((each) => refused(each, form.dataset.trouble));
        } else refused(entry, said.words || form.dataset.no, said.field);
        failures = 0;
      }
      if (passed.length) rest("trouble");
      else why = "sending";
    } catch { rest("offline"); }
  };
  const next = (passed) => entries().find((each) => each.refused === null
    && (own(each) || standsIn.has(each.by)) && !passed.some((other) => other.key === each.key));
  const rest = (reason) => {
    why = reason;
    timer = setTimeout(flush, RETRY[Math.min(failures, RETRY.length - 1)] * 1000);
    failures += 1;
  };
  const arrived = (entry, said) => {
    store.removeItem(entry.key);
    all("[data-count]").forEach((each) => { each.textContent = said.count; });
    const list = find("[data-logged]");
    if (!find(`form[action$="/contacts/${said.id}/undoing"]`, list)) {
      list.insertAdjacentHTML("afterbegin", said.line);
      window.htmx.process(list.firstElementChild);
      [...list.children].slice(LAST_ONES).forEach((each) => each.remove());
    }
    sayArrived(entry, said.id);
  };
  const sayArrived = (entry, id) => {
    const line = find("#saved"), words = `${form.dataset.saved}: ${entry.line}`;
    find("[data-words]", line).textContent = words;
    line.dataset.contact = id;
    line.hidden = false;
    announce(words);
  };
  const refused = (entry, said, field) => {
    change(entry, { refused: said, field });
    if (!own(entry) || touched || waiting().length > 0) return;
    store.removeItem(entry.key);
    takeUp(entry);
    tellWhy(said, field);
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

  // Signing out tries to send what waits, and asks once where something stays behind.
  const door = find('form[action="/sign-out"]');
  const behind = () => waiting().length + aside().length;
  const signOut = () => HTMLFormElement.prototype.submit.call(door);
  const farewell = async (event) => {
    if (asked || behind() === 0) return;
    event.preventDefault();
    await Promise.race([flush(), new Promise((done) => { setTimeout(done, FAREWELL); })]);
    if (behind() === 0) return signOut();
    asked = true;
    const notice = find("#leaving");
    find("[data-number]", notice).textContent = behind();
    notice.hidden = false;
    notice.focus();
  };

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.hasAttribute("formaction")) {
      if (navigator.onLine) return;
      event.preventDefault();
      return announce(form.dataset.offline);
    }
    if (!store) return;
    event.preventDefault();
    save(Boolean(button) && button.value === "keep");
  });
  form.addEventListener("input", () => { touched = true; lookAgain(); });
  form.addEventListener("click", (event) => { touched ||= Boolean(event.target.closest(".chip")); });
  form.addEventListener("change", (event) => {
    touched = true;
    lookAgain();
    if (event.target.name === "outcome" && find("#missing").dataset.of === "refusal") quiet();
    const chip = event.target.closest(".chip");
    if (chip) chip.scrollIntoView({ block: "nearest" }); // a key taps what is out of sight too
    if (event.target.name === "topic") narrow();
    if (["topic", "procedure", "district"].includes(event.target.name)) look();
  });

  // Whoever's time has run out stays on this page, with what she is typing.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401) return;
    event.preventDefault();
    find("#signed-out").hidden = false;
  });

  // Taken back from the bar as from the list.
  find("#saved button").addEventListener("click", () => {
    const undo = find(`[data-logged] form[action$="/contacts/${find("#saved").dataset.contact}/undoing"] button`);
    find("#saved").hidden = true;
    if (undo) undo.click();
  });

  // After an undo the count stands right everywhere.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "last") return;
    const count = find("[data-count]", event.target).textContent;
    all("[data-count]").forEach((each) => { each.textContent = count; });
  });

  if (store) {
    if (door) {
      door.addEventListener("submit", farewell);
      find("#leaving [data-go]").addEventListener("click", signOut);
    }
    find("#leaving [data-stay]").addEventListener("click", () => {
      find("#leaving").hidden = true;
      asked = false;
      find("h1").focus();
    });
    window.addEventListener("storage", () => { // another window has sent them
      show();
      if (!waiting().length) find("#signed-out").hidden = true;
    });
    window.addEventListener("online", flush);
    window.addEventListener("pageshow", flush);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  }
  narrow();
  show();
  if (radios("topic").some((each) => each.checked)) look();
})();
