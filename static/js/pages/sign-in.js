// @ts-check
/** The page to which the Auth service leads back: it takes over the passport, and goes on. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../room/api.js';
import { returnOf } from '../room/sign-in-return.js';
import { loadLanguage, t } from '../ui/i18n.js';
import { problemWords } from '../ui/problem-words.js';
import { signInLink, TakingAlong } from '../ui/sign-in.js';

const page = /** @type {HTMLElement} */ (document.getElementById('page'));
const back = returnOf(location.hash, location.search);
// The token must stand neither in the history nor in an address that somebody copies.
history.replaceState(null, '', location.pathname);

/** @param {import('../room/api.js').SignedIn} signedIn */
function goOn({ to }) {
  const target = new URL(to, location.origin);
  location.replace(target.origin === location.origin ? target : '/');
}

/** @param {string} words */
function fail(words) {
  render(
    html`<h1>${t('sign-in.failed')}</h1>
      <p>${words}</p>
      ${signInLink('main')} <a class="button" href="/">${t('action.home')}</a>`,
    page,
  );
}

async function takeOver() {
  const signedIn = await api.returnFromSignIn(back);
  const { before } = signedIn;
  if (!before) {
    goOn(signedIn);
    return;
  }
  const along = new TakingAlong({ changed: () => show(), done: () => goOn(signedIn) });
  const show = () =>
    render(
      html`<h1>${t('sign-in.hello', { name: signedIn.user.name })}</h1>
        ${along.view(before)}`,
      page,
    );
  show();
}

await loadLanguage();
document.title = `${t('sign-in.in')} · Seans`;
render(html`<p>${t('sign-in.moment')}</p>`, page);
if (back.refused) {
  fail(t('sign-in.cancelled'));
} else {
  try {
    await takeOver();
  } catch (problem) {
    fail(problemWords(problem));
  }
}
