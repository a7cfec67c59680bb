/**
 * TalkingHead, fed through its own `streamAudio`: the sound and the mouth shapes of a Lipwire server
 * as they arrive. Its mouth is read from the weights of its head, once it has moved them.
 */
import * as THREE from 'three';
import { TalkingHead } from '/modules/@met4citizen/talkinghead/modules/talkinghead.mjs';
import { afterglow, blocking, drawing } from './drawing.js';

const SHAPES = 'sil PP FF TH DD kk CH SS nn RR aa E I O U'.split(' ');
const STEP_MS = 2;

globalThis.take = async ({ url, text, rate, leadMs, blockMs, visemes }) => {
  const head = new TalkingHead(document.body, {
    avatarOnly: true,
    avatarOnlyCamera: new THREE.PerspectiveCamera(),
    lipsyncModules: [],
  });
  await head.showAvatar({ url: '/bench/head.glb', body: 'F', avatarMute: false });
  const curve = await rehearsed(head, rate, visemes);

  let underruns = 0;
  const ended = new Promise((resolve) => {
    const metrics = { enabled: true, intervalHz: 10 };
    const started = head.streamStart(
      { sampleRate: rate, waitForAudioChunks: true, metrics },
      null,
      resolve,
      null,
      ({ data }) => {
        underruns = data.underrunBlocks;
      },
    );
    started.then(() => stream(head, url, text, rate, leadMs));
  });
  const release = blocking(blockMs);
  const stop = drawing((weights, elapsed) => {
    head.animate(elapsed);
    read(head, weights);
  });
  await ended;
  await afterglow();
  release();
  return { ...stop(), ...globalThis.listening.heard(), curve, underruns };
};

function read(head, weights) {
  SHAPES.forEach((shape, index) => {
    weights[index] = head.mtAvatar[`viseme_${shape}`].applied;
  });
}

/** Its mouth at every millisecond, without sound: the way that its documentation names. */
async function rehearsed(head, rate, visemes) {
  await head.streamStart({ sampleRate: rate, waitForAudioChunks: false });
  head.animate(1);
  head.streamAudio(timed(visemes, rate));
  const weights = [];
  const pose = new Float32Array(15);
  const end = Math.max(...visemes.map(([, start, count]) => start + count)) / rate;
  for (let ms = 0; ms < end * 1000; ms += STEP_MS) {
    read(head, pose);
    for (let i = 0; i < STEP_MS; i++) weights.push(...pose);
    head.animate(STEP_MS);
  }
  head.streamStop();
  return globalThis.listening.packed(weights);
}

/** A socket of the same server, in the form of the protocol that needs no codec. */
function stream(head, url, text, rate, leadMs) {
  const socket = new WebSocket(url, 'lipwire.v1.json');
  const send = (message) => socket.send(JSON.stringify(message));
  let waiting = [];
  socket.onopen = () => {
    send({
      type: 'hello',
      persist: false,
      flow: { mode: 'paced', lead_ms: leadMs },
      timing: { words: false, visemes: ['oculus'] },
    });
    send({ type: 'speak', utterance: 1, text, end: true });
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'segment') waiting.push(...message.visemes.oculus);
    if (message.type === 'chunk') {
      const audio = Uint8Array.from(atob(message.audio), (letter) => letter.charCodeAt(0)).buffer;
      head.streamAudio({ audio, ...timed(waiting, rate) });
      waiting = [];
    }
    if (message.type === 'utterance_ended') {
      head.streamNotifyEnd();
      socket.close();
    }
  };
}

/** @param {[number, number, number, number][]} events shape, start, count, weight */
function timed(events, rate) {
  const ms = (samples) => (samples * 1000) / rate;
  return {
    visemes: events.map(([shape]) => SHAPES[shape]),
    vtimes: events.map(([, start]) => ms(start)),
    vdurations: events.map(([, , count]) => ms(count)),
  };
}
