// Next to the bundled adapters lies the bundled client: its name is the same here and there.
export * from '../index.js';
