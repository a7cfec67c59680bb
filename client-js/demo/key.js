/**
 * A server that others can reach wants a key. It comes behind the address of the page, as `#key=...`: what
 * is there is sent to nobody by itself.
 * @param {string} [hash]
 */
export function keyOf(hash = location.hash) {
  return new URLSearchParams(hash.slice(1)).get('key') ?? undefined;
}

/** Other pages want the key, too; and a page that is given one behind its address begins anew. */
export function carryKey() {
  const key = keyOf();
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('nav a');
  for (const link of links) if (key) link.hash = String(new URLSearchParams({ key }));
  addEventListener('hashchange', () => location.reload());
}

/**
 * Asks the server over REST, with the key.
 * @param {string} path
 * @param {RequestInit} [init]
 */
export function ask(path, init = {}) {
  const headers = new Headers(init.headers);
  const key = keyOf();
  if (key) headers.set('Authorization', `Bearer ${key}`);
  return fetch(path, { ...init, headers });
}
