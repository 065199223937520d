// Small comforts. Every page works without this file.

const SIZES = ["", "large", "xlarge"];
const root = document.documentElement;

// Large text: one button goes round the three sizes and remembers the last one here.
function nameSize(button) {
  const names = button.dataset.sizes.split(",");
  const index = Math.max(0, SIZES.indexOf(root.dataset.size ?? ""));
  return button.dataset.said.replace("{size}", names[index]);
}

function stepSize(button) {
  const next = SIZES[(SIZES.indexOf(root.dataset.size ?? "") + 1) % SIZES.length];
  if (next) root.dataset.size = next;
  else delete root.dataset.size;
  try {
    localStorage.setItem("text-size", next);
  } catch {
    // Without storage the choice lasts for this page.
  }
  say(nameSize(button));
}

// Tells a screen reader what changed without moving the focus.
function say(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

// A poster's tag counts for whoever scanned it: an address that is shared or kept goes without.
// The page's own links carry it on. Only pages for everybody name their plain address.
const here = new URL(location.href);
if (here.searchParams.has("from") && document.querySelector("link[rel=canonical]")) {
  here.searchParams.delete("from");
  history.replaceState(history.state, "", here);
}

// A form is sent once: the button rests until the page is shown again, or for ten seconds
// on a weak signal, so that nobody is left with a dead button.
function rest(form) {
  const buttons = [...form.querySelectorAll("button[type=submit], button:not([type])")];
  form.dataset.sent = "";
  for (const button of buttons) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }
}

function wake(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[aria-busy]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

let composing = false;
document.addEventListener("compositionstart", () => (composing = true));
document.addEventListener("compositionend", () => (composing = false));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (composing || "sent" in form.dataset) {
    event.preventDefault();
  } else if ("once" in form.dataset) {
    // After this turn, so that the name and value of the button still travel.
    setTimeout(() => !event.defaultPrevented && rest(form));
    setTimeout(() => wake(form), 10_000);
  }
});

window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach(wake);
});

// Enter that ends a composition (Safari reports it as key 229) sends nothing.
document.addEventListener("keydown", (event) => {
  const ends = event.isComposing || event.keyCode === 229;
  if (event.key === "Enter" && ends && event.target.matches("input")) event.preventDefault();
});

// Leaving a help page: the page goes blank first, and Back does not return to it.
const exit = document.querySelector("[data-quick-exit]");
let lastEscape = -Infinity;

function leave() {
  document.body.hidden = true;
  location.replace(exit.href);
}

if (exit) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeMenus();
    if (exit && event.timeStamp - lastEscape < 1000) leave();
    lastEscape = event.timeStamp;
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("input[type=search]");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

// Menus close by Esc, by a click elsewhere, and when the focus goes on: what has it must be seen.
function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu.contains(except)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const button = event.target.closest("[data-text-size], [data-print]");
  if (button && "textSize" in button.dataset) stepSize(button);
  if (button && "print" in button.dataset) window.print();
});

document.addEventListener("focusin", (event) => closeMenus(event.target));

// A password can be looked at while it is typed; it is veiled again before it is sent.
for (const button of document.querySelectorAll("[data-unveil]")) {
  const field = document.getElementById(button.dataset.unveil);
  const unveil = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.hidden = false;
  button.addEventListener("click", () => unveil(field.type === "password"));
  field.form?.addEventListener("submit", () => unveil(false));
}

// A table wider than the screen can be scrolled by keyboard.
function reachWide() {
  for (const box of document.querySelectorAll(".wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

window.addEventListener("resize", reachWide);

// After a part of the page was swapped, its own words are read out.
document.addEventListener("htmx:after:swap", () => {
  const said = document.querySelector("[data-say]");
  if (said) say(said.dataset.say);
  reachWide();
});

// What is good for so many seconds is then fetched anew.
for (const part of document.querySelectorAll("[data-reload]")) {
  setTimeout(() => location.reload(), Number(part.dataset.reload) * 1000);
}

for (const button of document.querySelectorAll("[data-text-size], [data-print]")) {
  button.hidden = false;
}

// Where pills or tabs slide sideways, the chosen one is in sight.
for (const chosen of document.querySelectorAll(".chips [aria-current], .tabs [aria-current]")) {
  const line = chosen.parentElement.closest(".chips, .tabs");
  const middle = chosen.getBoundingClientRect().left + chosen.offsetWidth / 2;
  line.scrollLeft += middle - line.getBoundingClientRect().left - line.clientWidth / 2;
}
reachWide();
document.querySelector("[data-errors]")?.focus();
