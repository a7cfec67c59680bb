/**
 * A server that others can reach wants a key. It comes behind the address of the page, as `#key=...`: what
 * is there is sent to nobody by itself.
 * @param {string} [hash]
 */
export function keyOf(hash = location.hash) {
  return new URLSearchParams(hash.slice(1)).get('key') ?? undefined;
}

/**
 * Asks the server over REST, with the key.
 * @param {string} path
 */
export function ask(path) {
  const key = keyOf();
  return fetch(path, key ? { headers: { Authorization: `Bearer ${key}` } } : {});
}
