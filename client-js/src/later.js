import { LipwireError } from './errors.js';

/**
 * What is loaded when it is needed: a file of its own next to the client, unless a bundler knows better.
 * @template Module
 * @param {Promise<Module>} loading
 */
export async function later(loading) {
  try {
    return await loading;
  } catch (cause) {
    throw new LipwireError('unsupported', 'not all files of the client are served', { cause });
  }
}
