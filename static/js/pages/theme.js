// @ts-check
// Runs before the first paint, as a classic script: whoever chose light or dark sees no flash.
try {
  const chosen = localStorage.getItem('seans.theme');
  if (chosen === 'dark' || chosen === 'light') {
    document.documentElement.dataset.theme = chosen;
  }
} catch {
  // Where site data is blocked, already the mention of a storage throws: nothing was chosen there.
}
