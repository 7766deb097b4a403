// What waits at the desk: each contact lies in the browser until it has arrived, once and in order.
//
// What waits is each account's own: others who use this browser are told only how many there are.
// It lies in the browser's storage as it was typed, not encrypted: a browser offers no encryption to
// a page that comes by plain http, as in many a city's network. Who signs out here is told.
(() => {
  "use strict";
  const desk = window.deskPage;
  if (!desk) return;
  const { form, find, all, announce } = desk;
  const prefix = `desk-${form.dataset.desk}-`;
  const RETRY = [2, 5, 10, 20, 30]; // seconds
  const ANSWER_WITHIN = 20_000; // milliseconds
  const LAST_ONES = 8;
  const TRIES = 3; // answers of 500 after which what comes behind goes first
  const account = form.dataset.account;
  const standsIn = new Set(); // accounts whose contacts are sent by whoever is here
  let why = "sending";
  let failures = 0;
  let timer = 0;
  let running = null;

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
        desk.takeUp(entry);
        desk.tellWhy(entry.refused, entry.field);
      }
      show();
    }));
    return line;
  };

  // One more, to be sent after all that wait; an error where the browser has no room for it.
  const add = (entry) => write({ key: nextKey(), by: account, name: form.dataset.name, refused: null, ...entry });
  const sayKept = () => { if (!running && failures) announce(form.dataset.kept); };

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
    if (!own(entry) || desk.touched || waiting().length > 0) return;
    store.removeItem(entry.key);
    desk.takeUp(entry);
    desk.tellWhy(said, field);
  };

  Object.assign(desk, { store, waiting, aside, add, sayKept, show, flush });
})();
