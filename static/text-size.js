// Sets the text size kept on this device before the first paint, so that nothing jumps.
try {
  const size = localStorage.getItem("text-size");
  if (size) document.documentElement.dataset.size = size;
} catch {
  // A browser without storage shows the standard size.
}
