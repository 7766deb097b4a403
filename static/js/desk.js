// The desk: a contact is saved, waits and is sent, and signing out looks whether something waits
// still. Without this file and those before it the page is a plain form.
(() => {
  "use strict";
  const desk = window.deskPage;
  if (!desk) return;
  const { form, store, find, all, announce, radios, words } = desk;
  const DOUBLE_TAP = 1000; // milliseconds
  const FAREWELL = 5000; // milliseconds in which signing out tries to send
  let asked = false;
  let savedAt = 0;

  const save = (keep) => {
    if (!desk.touched && Date.now() - savedAt < DOUBLE_TAP) return;
    if (desk.missing()) return;
    if (words("outcome") && radios("outcome").find((each) => each.checked).value === "class_booked") return noClass();
    savedAt = Date.now();
    find("#saved").hidden = true;
    const hour = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    const fields = [...new FormData(form)].filter(([name]) => name !== "book" && name !== "save" && name !== "waited");
    asked = false;
    const entry = {
      at: Date.now(),
      line: [hour, words("topic"), words("procedure"), words("outcome")].filter(Boolean).join(" "),
      fields: fields.map(([name, value]) => [name, String(value)]),
    };
    try { desk.add(entry); } catch { return native(); }
    desk.begin(keep);
    toTop();
    desk.sayKept();
    desk.show();
    desk.flush();
  };
  // A class is booked by its own button; without one there would be nothing but a figure.
  const noClass = () => {
    desk.tellWhy(form.dataset.noClass);
    (find("#matches button[name=book]") || radios("outcome").find((each) => each.checked)).focus();
  };
  const toTop = () => {
    const first = find('[data-field="topic"]', form);
    if (first.getBoundingClientRect().top < 0) first.scrollIntoView({ block: "start" });
  };
  const native = () => HTMLFormElement.prototype.submit.call(form);

  // Signing out tries to send what waits, and asks once where something stays behind.
  const door = find('form[action="/sign-out"]');
  const behind = () => desk.waiting().length + desk.aside().length;
  const signOut = () => HTMLFormElement.prototype.submit.call(door);
  const farewell = async (event) => {
    if (asked || behind() === 0) return;
    event.preventDefault();
    await Promise.race([desk.flush(), new Promise((done) => { setTimeout(done, FAREWELL); })]);
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
  form.addEventListener("input", () => { desk.touched = true; desk.lookAgain(); });
  form.addEventListener("click", (event) => { desk.touched ||= Boolean(event.target.closest(".chip")); });
  form.addEventListener("change", (event) => {
    desk.touched = true;
    desk.lookAgain();
    if (event.target.name === "outcome" && find("#missing").dataset.of === "refusal") desk.quiet();
    const chip = event.target.closest(".chip");
    if (chip) chip.scrollIntoView({ block: "nearest" }); // a key taps what is out of sight too
    if (event.target.name === "topic") desk.narrow();
    if (["topic", "procedure", "district"].includes(event.target.name)) desk.look();
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
      desk.show();
      if (!desk.waiting().length) find("#signed-out").hidden = true;
    });
    window.addEventListener("online", desk.flush);
    window.addEventListener("pageshow", desk.flush);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) desk.flush(); });
  }
  desk.narrow();
  desk.show();
  if (radios("topic").some((each) => each.checked)) desk.look();
})();
