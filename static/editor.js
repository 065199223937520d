// Long forms: what is typed is saved as a draft, and a few keys help with headings, lists and bold.
// Without this file the form has a button that saves the draft, and the text is typed as it is.

const PAUSE = 1500;
const AGAIN = 15_000;
let composing = false;
document.addEventListener("compositionstart", () => (composing = true));
document.addEventListener("compositionend", () => (composing = false));

// --- drafts ---------------------------------------------------------------------------------

function keepDraft(form) {
  const said = form.querySelector("[data-draft-said]");
  let waiting = 0;
  let saving = Promise.resolve();
  let lost = false;

  async function save() {
    clearTimeout(waiting);
    if ("sent" in form.dataset) return;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.status);
      tell((await answer.json()).said);
      lost = false;
    } catch {
      tell(form.dataset.offline);
      lost = true;
      waiting = setTimeout(queue, AGAIN);
    }
  }

  function tell(text) {
    if (said.textContent !== text) said.textContent = text;
  }

  function queue() {
    saving = saving.then(save);
    return saving;
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => (composing ? form.dispatchEvent(new Event("input")) : queue()), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(waiting);
    if (event.submitter && "draftButton" in event.submitter.dataset) {
      event.preventDefault();
      queue();
    }
  });
  window.addEventListener("online", () => lost && queue());
}

// --- a text with a little form --------------------------------------------------------------

const MARKS = { bold: ["**", "**"], link: ["[", "](/)"] };
const LINES = { heading: "## ", item: "- " };

// As if it were typed, so that the browser can undo it.
function type(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function wrap(field, [before, after]) {
  const { selectionStart: from, selectionEnd: to } = field;
  type(field, before + field.value.slice(from, to) + after);
  field.setSelectionRange(from + before.length, to + before.length);
}

// Begins each line of the selection with a mark, or takes it away where all have it.
function mark(field, sign) {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.value.indexOf("\n", field.selectionEnd);
  const to = end < 0 ? field.value.length : end;
  const lines = field.value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(sign));
  const bare = lines.map((line) => line.replace(/^(## |- )/, ""));
  const text = bare.map((line) => (all ? line : sign + line)).join("\n");
  field.setSelectionRange(from, to);
  type(field, text);
  field.setSelectionRange(from, from + text.length);
}

async function preview(field, bar) {
  const shown = document.getElementById(bar.dataset.shown);
  const button = bar.querySelector("[data-put=preview]");
  const open = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(!open));
  shown.hidden = open;
  if (open) return;
  const body = new FormData();
  body.set("csrf_token", field.form.elements.csrf_token.value);
  body.set("text", field.value);
  try {
    const answer = await fetch(bar.dataset.preview, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceChildren(...page.body.childNodes); // cleaned by the server, as on the public page
  } catch {
    shown.textContent = bar.dataset.failed;
  }
}

function put(field, bar, what) {
  if (what in MARKS) wrap(field, MARKS[what]);
  else if (what in LINES) mark(field, LINES[what]);
  else preview(field, bar);
}

for (const bar of document.querySelectorAll("[data-rich-bar]")) {
  const field = document.getElementById(bar.dataset.richBar);
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-put]");
    if (button) put(field, bar, button.dataset.put);
  });
  field.addEventListener("keydown", (event) => {
    const what = { b: "bold", k: "link" }[event.key.toLowerCase()];
    if (!what || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    put(field, bar, what);
  });
}

document.querySelectorAll("form[data-draft]").forEach(keepDraft);
