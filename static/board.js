// The pairing board by keyboard: arrows walk in a list, digits choose a team, Enter opens what has
// the focus. Digits and arrows are keys only while a list has the focus (WCAG 2.1.4), but for the
// arrow down that enters the first list. Everything is a plain link: Tab reaches it without this file.

const DIGIT = /^[1-9]$/;

function typing(target) {
  return target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

function stops(list) {
  return [...list.querySelectorAll("a[href]")].filter((one) => one.offsetParent !== null);
}

// Up and down within the list that has the focus, else into the first one that can be seen.
function walk(step) {
  const lists = [...document.querySelectorAll("[data-keys]")];
  const list = lists.find((one) => one.contains(document.activeElement));
  if (!list) {
    const first = lists.map(stops).find((links) => links.length);
    const chosen = first?.find((link) => link.ariaCurrent);
    (chosen ?? first?.[0])?.focus();
    return;
  }
  const links = stops(list);
  const here = links.indexOf(document.activeElement);
  links[Math.min(Math.max(here + step, 0), links.length - 1)]?.focus();
}

// Left and right between the columns, to what was left there or is chosen.
function cross(step) {
  const lists = [...document.querySelectorAll("[data-keys]")].filter((one) => stops(one).length);
  const here = lists.findIndex((one) => one.contains(document.activeElement));
  const next = lists[here + step];
  if (here < 0 || !next) return;
  const links = stops(next);
  (links.find((link) => link.ariaCurrent) ?? links[0]).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target)) return;
  const moves = { ArrowDown: () => walk(1), ArrowUp: () => walk(-1),
                  ArrowRight: () => cross(1), ArrowLeft: () => cross(-1) };
  const inside = document.activeElement?.closest("[data-keys]");
  const enters = event.key === "ArrowDown" && document.activeElement === document.body;
  if (event.key in moves && (inside || (enters && document.querySelector("[data-keys]")))) {
    event.preventDefault();
    moves[event.key]();
  } else if (inside && DIGIT.test(event.key)) {
    document.querySelector(`[data-key="${event.key}"]`)?.click();
  }
});

for (const hint of document.querySelectorAll("[data-keys-said]")) hint.hidden = false;

// Two teams are compared, not three: the box ticked first gives way.
const ticked = [];
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("input[name=team][type=checkbox]")) return;
  const place = ticked.indexOf(box);
  if (place >= 0) ticked.splice(place, 1);
  if (box.checked) ticked.push(box);
  if (ticked.length > 2) ticked.shift().checked = false;
});

// What can be taken back for some seconds says so only as long.
for (const toast of document.querySelectorAll("[data-undo]")) {
  setTimeout(() => toast.remove(), Number(toast.dataset.undo) * 1000);
}
