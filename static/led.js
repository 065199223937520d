// The big screen: its panels take turns, and twice a minute it asks for a fresh copy of itself.
// Without network the last good copy stays, but a story only for as long as a withdrawn one may be
// seen: then it goes until the site answers again. After a day nothing more is said about days.

const TURN = 12_000;
const MINUTE = 60_000;
const STORY = 50_000;
const PATIENCE = 8_000;
const LOOK = 2_000;
const DAY = 24 * 60 * MINUTE;
const root = document.documentElement;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let turn = 0;
let freshAt = Date.now();

function show() {
  const panels = [...document.querySelectorAll(".panels > .panel")];
  root.toggleAttribute("data-turning", !calm.matches);
  panels.forEach((panel, index) => panel.classList.toggle("now", index === turn % panels.length));
  panels.forEach(fit);
}

// Long texts become smaller instead of losing their end.
function fit(panel) {
  const least = 0.5;
  for (let size = 1; size >= least; size -= 0.05) {
    panel.style.setProperty("--fit", size);
    if (panel.scrollHeight <= panel.clientHeight + 1) return;
  }
}

function put(content, title) {
  const screen = document.getElementById("screen");
  screen.replaceChildren(...content.childNodes);
  document.title = title;
  show();
}

function sheets(page) {
  const files = [...page.querySelectorAll("link[rel=stylesheet], script[src]")];
  return files.map((file) => file.getAttribute("href") ?? file.getAttribute("src")).join();
}

// The campaign has no public page any more: whatever stood here goes, the helplines stay.
function empty() {
  const gone = document.getElementById("gone").content.cloneNode(true);
  document.querySelector("#screen main").replaceWith(gone);
  document.querySelector(".led-days")?.remove();
}

async function renew() {
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await fetch(location.href, { cache: "no-store", credentials: "omit", signal });
  if (answer.status === 404) return empty();
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.getElementById("screen");
  if (!content) throw new Error("another page");
  if (sheets(page) !== sheets(document)) return location.reload();
  put(content, page.title);
}

// A story that may have been withdrawn since is not shown, whatever keeps the news from coming.
function forget() {
  if (Date.now() - freshAt < STORY) return;
  const told = document.querySelectorAll("[data-story]");
  told.forEach((panel) => panel.remove());
  if (told.length) show();
}

async function tick() {
  try {
    await renew();
    freshAt = Date.now();
  } catch {
    // No network or no site: the last good copy stays.
  }
  root.toggleAttribute("data-stale", Date.now() - freshAt >= DAY);
  setTimeout(tick, MINUTE * (0.45 + Math.random() / 5));
}

calm.addEventListener("change", show);
addEventListener("resize", show);
addEventListener("load", show);
setInterval(() => { turn += 1; show(); }, TURN);
setInterval(forget, LOOK);
setTimeout(tick, MINUTE * (0.45 + Math.random() / 5));
show();
