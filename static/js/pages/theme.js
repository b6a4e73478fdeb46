// @ts-check
// Runs before the first paint, as a classic script: whoever chose light or dark sees no flash.
{
  const chosen = localStorage.getItem('seans.theme');
  if (chosen === 'dark' || chosen === 'light') {
    document.documentElement.dataset.theme = chosen;
  }
}
