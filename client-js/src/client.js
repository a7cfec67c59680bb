import { Conversation } from './conversation.js';
import { Emitter } from './emitter.js';
import { LipwireError } from './errors.js';
import { DRY_MS, Face } from './face.js';
import { configureOf, helloOf, streamUrl } from './hello.js';
import { checkSource, pieces } from './pieces.js';
import { Player } from './player.js';
import { Playout } from './playout.js';
import { Questions } from './questions.js';
import { errorOf, ProtocolSocket } from './socket.js';
import { Ticker } from './ticker.js';
import { Vigil } from './vigil.js';

/** @import { Changes, ClientOptions, FaceState } from './hello.js' */
/** @import { Configured, Ready, ServerMessage, Warning } from './messages.js' */
/** @import { TextSource } from './pieces.js' */
/** @import { Heard, SpokenUtterance } from './spoken-utterance.js' */

/**
 * `blocked`: there is something to play, and the browser waits for a click before it plays it.
 * @typedef {'idle' | 'connecting' | 'ready' | 'speaking' | 'blocked' | 'closed'} ClientState
 */
/**
 * @typedef {object} ClientEvents
 * @property {ClientState} state
 * @property {Ready} ready
 * @property {SpokenUtterance} utterance
 * @property {Warning} warning
 * @property {LipwireError} error
 */
/**
 * Stand-ins for what a test has not got.
 * @typedef {object} Surroundings
 * @property {typeof WebSocket} [Socket]
 * @property {typeof Player.create} [createPlayer]
 * @property {() => number} [now] milliseconds
 */

/** The ring holds this much more than the lead: a chunk may overshoot it, and the ends need air. */
const SPARE_MS = 2000;
/** A server that restarts sends what it is speaking to the end of its segment, without waiting. */
const LAST_MS = 60_000;
/** Text that waits in the socket beyond this makes `speak` wait for more of it. */
const BUFFERED_BYTES = 65_536;
const DRAIN_MS = 20;
/** A server may load its voice before it answers. */
const CONNECT_MS = 30_000;

/**
 * A voice and a mouth on the other end of a WebSocket.
 * @extends {Emitter<ClientEvents>}
 */
export class LipwireClient extends Emitter {
  #url;
  #options;
  #surroundings;
  #now;
  /** @type {ClientState} */
  #state = 'idle';
  /** @type {ProtocolSocket | undefined} */
  #socket;
  /** @type {Promise<Ready> | undefined} */
  #connected;
  /** @type {((ready: Ready) => void) | undefined} */
  #accept;
  /** @type {((error: LipwireError) => void) | undefined} */
  #refuse;
  /** @type {Ready | undefined} */
  #ready;
  /** @type {Player | undefined} */
  #player;
  #questions = new Questions();
  /** @type {FaceState | undefined} */
  #pose;
  #paused = false;
  #conversation;
  #ticker = new Ticker(() => this.#tick());
  #vigil;

  /**
   * @param {string | URL} [url] the server's `/v1/stream`; that of this page's server when left out
   * @param {ClientOptions} [options]
   * @param {Surroundings} [surroundings]
   */
  constructor(url, options = {}, surroundings = {}) {
    super();
    this.#url = streamUrl(url);
    this.#options = options;
    this.#surroundings = surroundings;
    this.#now = surroundings.now ?? (() => performance.now());
    this.#vigil = new Vigil(
      this.#now,
      (stamp) => this.#socket?.send({ type: 'ping', stamp }),
      () => this.#socket?.abandon(connectionLost('the server does not answer')),
    );
    /**
     * What it looks like.
     * @readonly
     */
    this.face = new Face(this.#now, () => this.position());
    this.#conversation = new Conversation((message) => this.#socket?.send(message), this.face);
    this.#conversation.on('warning', (warning) => this.emit('warning', warning));
    this.#conversation.on('error', (error) => this.emit('error', error));
  }

  get state() {
    return this.#state;
  }

  /** Between `pause` and `resume`; what has something to say then is still `speaking`. */
  get paused() {
    return this.#paused;
  }

  /** What the server grants; undefined while there is no connection. */
  get session() {
    return this.#ready;
  }

  /** The node that the sound comes from, for analysers and recorders. */
  get audioNode() {
    return this.#player?.node;
  }

  /**
   * Connects, unless it is connected; `speak` does it by itself.
   * @returns {Promise<Ready>}
   */
  connect() {
    this.#connected ??= this.#open();
    return this.#connected;
  }

  /** Lets sound out. Browsers allow it in a click, a tap or a key press only: call it in one. */
  async unlock() {
    if (!this.#player) await this.connect();
    if (!this.#paused) await this.#player?.unlock();
  }

  /**
   * Says a text, or a stream of text while it is being written.
   * @param {TextSource} source
   * @returns {SpokenUtterance}
   */
  speak(source) {
    const utterance = this.#conversation.begin();
    this.emit('utterance', utterance);
    this.#say(utterance, source).catch((cause) => {
      const known = cause instanceof LipwireError;
      this.#conversation.drop(
        utterance,
        known ? cause : new LipwireError('internal', String(cause), { cause }),
      );
      this.#update();
    });
    this.#update();
    return utterance;
  }

  /**
   * Barge-in: silence now. Answers what was heard of the utterance that was speaking, and undefined
   * when nothing was.
   * @returns {Promise<Heard | undefined>}
   */
  async interrupt() {
    const interrupted = this.#conversation.interrupt(this.#ready !== undefined);
    this.#update();
    const heard = await interrupted;
    this.#update();
    return heard;
  }

  /**
   * Changes how it speaks from the next sentence on, also after a connection was lost. Answers what
   * holds then; when the server refuses, nothing has changed.
   * @param {Changes} changes
   * @returns {Promise<Configured>}
   */
  async configure(changes) {
    await this.connect();
    const answer = this.#questions.ask('configured');
    this.#socket?.send(configureOf(changes));
    const configured = await answer;
    // Another voice has other speakers.
    const speaker = changes.voice === undefined ? this.#options.speaker : undefined;
    const news = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.#options = { ...this.#options, speaker, ...Object.fromEntries(news) };
    return configured;
  }

  /**
   * Sets the emotion, where the eyes look and how the head is held, also after a connection was lost;
   * what is left out stays as it is. Answers all of it.
   * @param {Partial<FaceState>} changes
   * @returns {Promise<FaceState>}
   */
  async pose(changes) {
    await this.connect();
    const answer = this.#questions.ask('posed');
    this.#socket?.send({ type: 'pose', ...changes });
    const { emotion, gaze, head } = await answer;
    this.#pose = { emotion, gaze, head };
    return this.#pose;
  }

  /**
   * Holds the sound at once, and what is said from now on, until `resume`; `interrupt` still stops it
   * for good.
   */
  async pause() {
    this.#paused = true;
    if (this.#ready) this.#socket?.send({ type: 'pause' });
    const context = /** @type {AudioContext | undefined} */ (this.#player?.node.context);
    await context?.suspend();
    this.#update();
  }

  /** Goes on where `pause` stopped it. */
  async resume() {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#ready) this.#socket?.send({ type: 'continue' });
    await this.#player?.unlock();
    this.#update();
  }

  /** What is heard now; undefined in silence. */
  position() {
    return this.#conversation.playout?.current;
  }

  /** For how many milliseconds nothing has been heard although more of it has to come. */
  get dryMs() {
    const current = this.position();
    if (!current || current.utterance.lost || this.#paused || this.#state !== 'speaking') return 0;
    if (current.utterance.state === 'ended' && current.sample >= current.utterance.arrived)
      return 0;
    const { stillMs } = this.face;
    return stillMs > DRY_MS ? stillMs : 0;
  }

  stats() {
    return this.#player?.stats();
  }

  async close() {
    this.#setState('closed');
    this.#socket?.close();
    this.#lost(undefined);
    const player = this.#player;
    this.#player = undefined;
    this.#conversation.playout = undefined;
    await player?.close();
  }

  /** @returns {Promise<Ready>} */
  async #open() {
    this.#setState('connecting');
    /** @type {Promise<Ready>} */
    const granted = new Promise((resolve, reject) => {
      this.#accept = resolve;
      this.#refuse = reject;
    });
    const socket = new ProtocolSocket(
      this.#url,
      {
        onOpen: () => socket.send(helloOf(this.#options)),
        onMessage: (message) => this.#receive(message),
        onClose: (error) => {
          if (this.#socket === socket) this.#lost(error);
        },
      },
      this.#surroundings.Socket,
    );
    this.#socket = socket;
    const timer = setTimeout(() => {
      socket.abandon(new LipwireError('connection_failed', `no answer from ${this.#url}`));
    }, CONNECT_MS);
    try {
      const ready = await granted.finally(() => clearTimeout(timer));
      await this.#openPlayer(ready);
      this.#ready = ready;
      if (this.#paused) socket.send({ type: 'pause' });
      if (this.#pose) socket.send({ type: 'pose', ...this.#pose });
      this.#conversation.text.limits = ready.limits;
      this.#update();
      this.emit('ready', ready);
      return ready;
    } catch (error) {
      // The page may not play sound: there is no use in a connection.
      if (this.#socket === socket) {
        socket.close();
        this.#lost(/** @type {LipwireError} */ (error));
      }
      throw error;
    }
  }

  /** @param {Ready} ready */
  async #openPlayer({ audio, voice, flow }) {
    const sampleRate = audio.sample_rate ?? voice.sample_rate;
    if (this.#player?.sampleRate === sampleRate) return;
    if (this.#player) {
      await this.#player.close();
      this.#conversation.silenced(connectionLost('the voice has changed'));
    }
    const create = this.#surroundings.createPlayer ?? Player.create;
    const bufferMs = flow.lead_ms + SPARE_MS;
    const { workletUrl } = this.#options;
    const player = await create({ sampleRate, bufferMs, workletUrl });
    const playout = new Playout(player, (played) => this.#socket?.send(played));
    player.on('report', (report) => {
      if (report.type === 'overflow') {
        this.#socket?.fail(new LipwireError('bad_state', 'the server sent more than was agreed'));
      }
      playout.report(report);
      this.#update();
    });
    player.on('state', () => this.#update());
    this.#player = player;
    this.#conversation.playout = playout;
  }

  /**
   * @param {SpokenUtterance} utterance
   * @param {TextSource} source
   */
  async #say(utterance, source) {
    checkSource(source);
    await this.connect();
    for await (const { text, end } of pieces(source, this.#conversation.text.pieceLimit)) {
      if (!(await this.#conversation.text.say(utterance, text, end))) return;
      while ((this.#socket?.bufferedAmount ?? 0) > BUFFERED_BYTES) await pause(DRAIN_MS);
    }
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    this.#vigil.arrived();
    switch (message.type) {
      case 'ready':
        this.face.begin(message.frames, message.audio.sample_rate);
        this.#accept?.(message);
        break;
      case 'goaway':
        this.#player?.grow(LAST_MS);
        break;
      case 'configured':
        this.face.grant(message.frames);
        if (this.#ready) this.#ready = { ...this.#ready, ...message, type: 'ready' };
        this.#questions.answer(message);
        break;
      case 'posed':
        this.#questions.answer(message);
        break;
      case 'sprites':
        this.face.add(message.sprites);
        break;
      case 'idle':
        this.face.idle(message);
        break;
      default:
        if (!this.#refused(message)) this.#conversation.receive(message);
    }
    this.#ticker.start();
    this.#update();
  }

  /**
   * Of what is sent from here, only questions are answered by an error of no utterance.
   * @param {ServerMessage} message
   */
  #refused(message) {
    if (message.type !== 'error' || message.utterance != null) return false;
    return this.#questions.refuse(errorOf(message));
  }

  /** @param {LipwireError | undefined} error */
  #lost(error) {
    this.#socket = undefined;
    this.#connected = undefined;
    this.#ready = undefined;
    const reason = error ?? connectionLost('the client was closed');
    this.#refuse?.(reason);
    this.#questions.close(reason);
    this.#conversation.lost(reason, this.#state !== 'closed');
    this.#ticker.start();
    this.#update();
    if (error) this.emit('error', error);
  }

  /** Words are told in time while there are frames; the worklet's reports do the rest. */
  #tick() {
    this.#conversation.playout?.advance();
    this.#update();
    return this.#state === 'speaking';
  }

  #update() {
    this.#vigil.keep(this.#ready !== undefined && this.#conversation.expecting);
    if (this.#state === 'closed' && !this.#connected) return;
    this.#setState(this.#stateNow());
  }

  /** @returns {ClientState} */
  #stateNow() {
    if (this.#connected && !this.#ready) return 'connecting';
    const { speaking } = this.#conversation;
    if (
      speaking &&
      !this.#paused &&
      this.#player &&
      this.#player.written > 0 &&
      this.#player.state !== 'running'
    ) {
      return 'blocked';
    }
    if (speaking) return 'speaking';
    return this.#ready ? 'ready' : 'idle';
  }

  /** @param {ClientState} state */
  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}

/** @param {string} why */
function connectionLost(why) {
  return new LipwireError('connection_lost', why);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
