// Follows what is being done elsewhere: shows how far it is, and the whole page once it is over.
// Without this file a link does the same.

const PAUSE = 1500;

async function look() {
  const now = document.querySelector("[data-follow]");
  if (!now) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("[data-follow]");
      if (!next || answer.redirected) {
        location.reload();
        return;
      }
      now.replaceWith(document.adoptNode(next));
    }
  } catch {
    // No network: the next look may find one.
  }
  setTimeout(look, PAUSE);
}

setTimeout(look, PAUSE);
