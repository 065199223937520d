// Records of visits written where there is no network: sealed in this device, sent when there is
// one. The key is this device's own, cannot be taken out of it, and serves only together with a
// secret that the person's own pages carry; it goes with the records when they sign out.
// Without this file, or where the browser cannot seal, the form is sent as any other.

const box = document.getElementById("record-queue");
const KEPT = 72 * 3600 * 1000; // milliseconds; docs/visits.md
const AGAIN = 30_000;
const PATIENCE = 20_000;
const NOT_KEPT = new Set(["csrf_token", "draft_of"]);
const AWAY = new Set([502, 503, 504]);
const REFUSED = new Set([400, 403, 404, 409, 410, 422]);
const utf8 = new TextEncoder();
let signedOut = false;
let sentTo = "";

// --- what lies in the device ------------------------------------------------------------------

function drawer() {
  return new Promise((open, fail) => {
    const asked = indexedDB.open("records", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("keys");
      asked.result.createObjectStore("waiting", { keyPath: "id" });
    };
    asked.onsuccess = () => open(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function stored(store, mode, act) {
  const base = await drawer();
  try {
    return await new Promise((done, fail) => {
      const deed = base.transaction(store, mode);
      const asked = act(deed.objectStore(store));
      deed.oncomplete = () => done(asked?.result);
      deed.onabort = () => fail(deed.error);
    });
  } finally {
    base.close();
  }
}

// By which a person's own things are told from others': says nothing of the secret.
async function name() {
  const made = await crypto.subtle.digest("SHA-256", utf8.encode(`name/${box.dataset.owner}`));
  return btoa(String.fromCharCode(...new Uint8Array(made)));
}

// Made when a form is opened and not later: whoever signs out in another tab takes it away, and
// nothing more is kept for them here.
async function makeKey() {
  const own = await name();
  const random = crypto.getRandomValues(new Uint8Array(32));
  const fresh = await crypto.subtle.importKey("raw", random, "HKDF", false, ["deriveKey"]);
  random.fill(0);
  await stored("keys", "readwrite", (keys) => {
    const asked = keys.getKey(own);
    asked.onsuccess = () => asked.result === undefined && keys.put(fresh, own);
  });
}

async function key() {
  const own = await name();
  const ours = await stored("keys", "readonly", (keys) => keys.get(own));
  const salt = utf8.encode(box.dataset.owner);
  const how = { name: "HKDF", hash: "SHA-256", salt, info: utf8.encode("records") };
  const made = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(how, ours, made, false, ["encrypt", "decrypt"]);
}

const bound = (id, iv) => ({ name: "AES-GCM", iv, additionalData: utf8.encode(id) });

async function put(id, told) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = utf8.encode(JSON.stringify(told));
  const data = await crypto.subtle.encrypt(bound(id, iv), await key(), text);
  const entry = { id, owner: await name(), at: Date.now(), iv, data, stuck: false };
  await stored("waiting", "readwrite", (waiting) => waiting.put(entry));
}

async function opened({ id, iv, data }) {
  const text = await crypto.subtle.decrypt(bound(id, iv), await key(), data);
  return JSON.parse(new TextDecoder().decode(text));
}

async function mine() {
  const own = await name();
  const all = await stored("waiting", "readonly", (waiting) => waiting.getAll());
  const old = Date.now() - KEPT;
  for (const entry of all) if (entry.at <= old) await drop(entry.id);
  return all.filter((entry) => entry.owner === own && entry.at > old);
}

async function drop(id) {
  await stored("waiting", "readwrite", (waiting) => waiting.delete(id));
}

async function mark(entry) {
  await stored("waiting", "readwrite", (waiting) => waiting.put({ ...entry, stuck: true }));
}

// Takes the key first: what may be left without it is noise.
async function forgetAll() {
  const own = await name();
  await stored("keys", "readwrite", (keys) => keys.delete(own));
  for (const entry of await mine()) await drop(entry.id);
}

// --- what the page says of it -----------------------------------------------------------------

const counted = (which, n) => box.dataset[which].replace("{n}", n);

function door(label, act) {
  const made = document.createElement(typeof act === "string" ? "a" : "button");
  made.className = "btn sm";
  made.textContent = label;
  if (typeof act === "string") made.href = act;
  else Object.assign(made, { type: "button", onclick: act });
  return made;
}

async function show() {
  const waiting = await mine();
  const stuck = waiting.filter((entry) => entry.stuck);
  const doors = [];
  let said = "";
  if (stuck.length) {
    said = counted("stuck", stuck.length);
    doors.push(door(box.dataset.open, () => review(stuck[0])));
    doors.push(door(box.dataset.drop, () => drop(stuck[0].id).then(show)));
  } else if (waiting.length && signedOut) {
    said = counted("signedOut", waiting.length);
    const next = encodeURIComponent(location.pathname);
    doors.push(door(box.dataset.toSignIn, `${box.dataset.signIn}?next=${next}`));
  } else if (waiting.length) {
    said = counted("waiting", waiting.length);
  } else if (sentTo) {
    said = box.dataset.sent;
    doors.push(door(box.dataset.next, sentTo));
  }
  const words = box.querySelector("[data-queue-said]");
  if (words.textContent !== said) words.textContent = said;
  const row = box.querySelector("[data-queue-doors]");
  row.replaceChildren(...doors);
  row.hidden = !doors.length;
  box.hidden = !said;
}

// --- sending ----------------------------------------------------------------------------------

// The token that a form needs now; null when nobody is signed in, or somebody else: another's
// records are theirs to send.
async function ready() {
  const answer = await fetch(box.dataset.ready, { redirect: "manual", cache: "no-store" });
  if (answer.status >= 500) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  signedOut = page.getElementById("record-queue")?.dataset.owner !== box.dataset.owner;
  return signedOut ? null : page.querySelector("[name=csrf_token]").value;
}

async function sendOne(entry, token) {
  const { path, fields } = await opened(entry);
  const body = new FormData();
  for (const [field, value] of fields) body.append(field, value);
  body.set("csrf_token", token);
  const answer = await fetch(path, { method: "POST", body, redirect: "manual" });
  if (REFUSED.has(answer.status)) return mark(entry);
  if (!answer.ok) throw new Error(answer.status); // signed out meanwhile, or busy: later
  sentTo = (await answer.json()).to;
  return drop(entry.id);
}

async function sendAll() {
  const waiting = (await mine()).filter((entry) => !entry.stuck);
  if (!waiting.length) return;
  const token = await ready();
  for (const entry of token ? waiting : []) await sendOne(entry, token);
}

async function turn() {
  try {
    await navigator.locks.request("records", { ifAvailable: true }, (held) => held && sendAll());
  } catch {
    // No network yet, or a busy site: what waits goes on waiting.
  }
  await show().catch(() => {});
}

// Shows what keeps a record from being taken, as the site says it: the form with its errors, or
// the two records between which to choose.
async function review(entry) {
  const token = await ready();
  if (!token) return show();
  const { path, fields } = await opened(entry);
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: path, hidden: true });
  for (const [field, value] of [...fields, ["csrf_token", token]]) {
    const carried = document.createElement("textarea");
    Object.assign(carried, { name: field, value });
    form.append(carried);
  }
  document.body.append(form);
  form.submit();
}

// --- the form of a record ---------------------------------------------------------------------

function busy(form, is) {
  if (is) form.dataset.sent = "";
  else delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = is;
}

function line(look, text) {
  const made = document.createElement("p");
  made.className = look;
  made.textContent = text;
  return made;
}

async function keep(form) {
  const fields = [...new FormData(form)].filter(([field]) => !NOT_KEPT.has(field));
  await put(form.elements.form_key.value, { path: new URL(form.action).pathname, fields });
  const card = form.closest("[data-record]");
  const worried = form.elements.concern.value === "yes" || form.elements.keep_concern;
  const lines = [["", "kept"], ...(worried ? [["alert danger", "danger"]] : [])];
  card.replaceChildren(...lines.map(([look, which]) => line(look, box.dataset[which])));
  card.tabIndex = -1;
  card.focus({ preventScroll: true });
  scrollTo(0, 0);
  await show();
}

async function hand(form) {
  busy(form, true);
  let answer;
  try {
    const body = new FormData(form);
    const signal = AbortSignal.timeout(PATIENCE);
    answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal });
    if (AWAY.has(answer.status)) throw new Error(answer.status);
  } catch {
    await keep(form).catch(() => {
      form.querySelector("[data-draft-said]").textContent = form.dataset.offline;
      busy(form, false);
    });
    return;
  }
  if (answer.ok) {
    await drop(form.elements.form_key.value).catch(() => {});
    location.assign((await answer.json()).to);
  } else {
    form.submit(); // as a page: what is to be mended, the choice between two, or signing in
  }
}

// A worry is told as soon as it is chosen, whatever becomes of the record.
function watchConcern(card, form) {
  let told = false;
  const said = card.querySelector("[data-concern-said]");
  form.addEventListener("change", async ({ target }) => {
    if (target.name !== "concern" || target.value !== "yes" || told) return;
    told = true;
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("form_key", crypto.randomUUID());
    said.hidden = false;
    try {
      const answer = await fetch(card.dataset.concern, { method: "POST", body, redirect: "manual" });
      if (!answer.ok) throw new Error(answer.status);
      said.textContent = (await answer.json()).said;
    } catch {
      told = false;
      said.textContent = box.dataset.notTold;
    }
  });
}

function begin() {
  const card = document.querySelector("[data-record]");
  const form = card?.querySelector("form.form");
  form?.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.dataset.draftButton !== undefined) return;
    event.preventDefault();
    if (!("sent" in form.dataset)) hand(form);
  });
  if (form) makeKey().catch(() => {});
  if (card?.dataset.concern) watchConcern(card, form);
  for (const leaving of document.querySelectorAll("form[action$='/sign-out']")) {
    leaving.addEventListener("submit", async (event) => {
      event.preventDefault();
      const waiting = await mine().catch(() => []);
      if (waiting.length && !confirm(counted("sure", waiting.length))) return;
      await forgetAll().catch(() => {});
      leaving.submit();
    });
  }
  window.addEventListener("online", turn);
  document.addEventListener("visibilitychange", () => document.hidden || turn());
  setInterval(turn, AGAIN);
  turn();
}

if (globalThis.crypto?.subtle && globalThis.indexedDB && navigator.locks) begin();
