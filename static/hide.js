// The picture that is to be sent stands under the grid of boxes: tap what is to be hidden.
// It is read here only and sent once, with the form; without this file the boxes have their names.

const grid = document.querySelector("[data-hide]");
const chosen = document.getElementById(grid.dataset.hide);
const boxes = grid.querySelector(".choices");
const masked = document.querySelector("input[name=hiding][value=masked]");
const LONGEST = 1200;
let page = null;

async function lay() {
  const file = chosen.files[0];
  page?.remove();
  grid.classList.toggle("laid", Boolean(file));
  boxes.style.removeProperty("aspect-ratio");
  if (!file) return;
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  page = document.createElement("canvas");
  page.width = picture.width * scale;
  page.height = picture.height * scale;
  page.getContext("2d").drawImage(picture, 0, 0, page.width, page.height);
  boxes.style.aspectRatio = `${page.width} / ${page.height}`;
  boxes.prepend(page);
}

chosen.addEventListener("change", () => lay().catch(() => grid.classList.remove("laid")));
grid.addEventListener("change", () => {
  if (grid.querySelector("input:checked")) masked.checked = true;
});
if (chosen.files.length) lay();
