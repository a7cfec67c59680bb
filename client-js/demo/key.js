const KEPT = 'lipwire.key';

/**
 * A server that others can reach wants a key. It comes behind the address of the page, as `#key=...`: what
 * is there is sent to nobody by itself. Pages that cannot pass it on, as that of the REST API, lead back to
 * one that remembers it, as long as its tab is open.
 * @param {string} [hash]
 */
export function keyOf(hash = location.hash) {
  return new URLSearchParams(hash.slice(1)).get('key') ?? kept()?.getItem(KEPT) ?? undefined;
}

/** Other pages want the key, too; and a page that is given one behind its address begins anew. */
export function carryKey() {
  const key = keyOf();
  if (key) kept()?.setItem(KEPT, key);
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('nav a');
  for (const link of links) if (key) link.hash = String(new URLSearchParams({ key }));
  addEventListener('hashchange', () => location.reload());
}

/** It is none, or none any more. */
export function forgetKey() {
  kept()?.removeItem(KEPT);
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

/** Where a browser keeps nothing, it stands behind the address only. */
function kept() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
