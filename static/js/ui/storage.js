// @ts-check
/** What the browser keeps between visits, where it may: none of it is taken for granted. */

/** A choice that the server is told lasts for so long, s: browsers keep no cookie for longer. */
const CHOICE_LIFETIME_S = 400 * 86_400;

/**
 * The browser's storage; undefined where site data is blocked: then already its mention throws.
 *
 * @returns {Storage | undefined}
 */
export function deviceStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/**
 * Keep a choice for the next pages: the server draws them by it from their first byte on. Where
 * cookies are forbidden it holds for this page alone.
 *
 * @param {'lang' | 'theme'} name
 * @param {string | null} value letters; null: forget it
 */
export function keepChoice(name, value) {
  const age = value === null ? 0 : CHOICE_LIFETIME_S;
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: Firefox has no other way before version 140.
    document.cookie = `${name}=${value ?? ''}; Path=/; Max-Age=${age}; SameSite=Lax`;
  } catch {
    // A page in a sandbox has no cookies: already their mention throws.
  }
}
