// @ts-check
/** What the Auth service has brought back in the address of the return page. */

/** Where a token may stand, in this order: our own name, then those of OpenID Connect and OAuth. */
const TOKEN_NAMES = ['token', 'id_token', 'access_token'];

/**
 * Return the token and the state. The token is read from behind the `#` alone: that part is sent to no
 * server, so it stands in no log.
 *
 * @param {string} hash of the address, with its `#`
 * @param {string} search of the address, with its `?`
 * @returns {{state: string, token?: string, refused: boolean}}
 */
export function returnOf(hash, search) {
  const fragment = new URLSearchParams(hash.replace(/^#/, ''));
  const query = new URLSearchParams(search);
  const token = TOKEN_NAMES.map((name) => fragment.get(name)).find((value) => value);
  return {
    state: fragment.get('state') ?? query.get('state') ?? '',
    ...(token ? { token } : {}),
    // RFC 6749, section 4.2.2.1: who did not sign in comes back with the reason.
    refused: fragment.has('error') || query.has('error'),
  };
}
