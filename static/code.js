// The code on site changes every minute: the part of the page that shows it is fetched anew, and
// the seconds that are left are counted. Without this file the code's own page comes again by itself.

const LATER = 5000;
let until = 0;

function count() {
  const left = document.querySelector("[data-left]");
  const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000));
  if (left) left.textContent = left.dataset.left.replace("{n}", seconds);
}

function wait() {
  const part = document.querySelector("[data-code]");
  if (!part.dataset.until) return; // over: there will be no other
  const seconds = Number(part.dataset.until);
  until = Date.now() + seconds * 1000;
  setTimeout(renew, seconds * 1000 + 250);
}

async function renew() {
  const part = document.querySelector("[data-code]");
  try {
    const asked = { headers: { Accept: "text/html" }, redirect: "manual" };
    const answer = await fetch(part.dataset.code, asked);
    if (answer.type === "opaqueredirect") return location.reload(); // signed out: the way in
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-code]");
    if (answer.ok && next) {
      const { size } = part.dataset; // of this page, not of the one it was fetched from
      next.querySelector(`.${next.dataset.size}`)?.classList.replace(next.dataset.size, size);
      next.dataset.size = size;
      part.replaceWith(document.adoptNode(next));
      wait();
      return;
    }
  } catch {
    // No network: the next try may find one.
  }
  setTimeout(renew, LATER);
}

if (document.querySelector("[data-code]")) {
  wait();
  setInterval(count, 1000);
}
