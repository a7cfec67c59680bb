/** The worklet for pages that have no file of it; loaded when none was found. */
import source from './player.worklet.inline.js';

/** @param {AudioWorklet} worklet */
export async function addInlined(worklet) {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  try {
    await worklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
