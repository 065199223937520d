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
  const seconds = Number(part?.dataset.until ?? 0);
  until = Date.now() + seconds * 1000;
  setTimeout(renew, seconds * 1000 + 250);
}

async function renew() {
  const part = document.querySelector("[data-code]");
  try {
    const answer = await fetch(part.dataset.code, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-code]");
    if (answer.ok && next) {
      next.firstElementChild.className = part.firstElementChild.className;
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
