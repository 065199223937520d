// The calendar by keyboard: arrows walk from day to day while one of them has the focus, up and down
// a week in the month; Home and End go to the ends of the week. Every day is a plain link: Tab
// reaches it without this file.

const grid = document.querySelector("[data-days]");

function days() {
  return grid ? [...grid.querySelectorAll("a.cal-day")] : [];
}

function target(key, here, wide) {
  const week = wide ? 7 : 1;
  const monday = here - (here % 7);
  return { ArrowLeft: here - 1, ArrowRight: here + 1, ArrowUp: here - week, ArrowDown: here + week,
           Home: monday, End: monday + 6 }[key];
}

grid?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const links = days();
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? undefined : target(event.key, here, grid.tagName === "TBODY");
  if (next === undefined) return;
  event.preventDefault();
  if (links[next]) links[next].focus();
  else document.querySelector(next < 0 ? 'a[rel="prev"]' : 'a[rel="next"]')?.focus();
});
