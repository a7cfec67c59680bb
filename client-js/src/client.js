import { Connection } from './connection.js';
import { Conversation } from './conversation.js';
import { LipwireError, lost } from './errors.js';
import { Face } from './face.js';
import { heed } from './heed.js';
import { streamUrl } from './hello.js';
import { later } from './later.js';
import { Loudspeaker } from './loudspeaker.js';
import { Manner } from './manner.js';
import { checkSource } from './pieces.js';
import { Playout } from './playout.js';
import { Sound } from './sound.js';
import { SpokenUtterance } from './spoken-utterance.js';
import { stateOf } from './state.js';
import { Ticker } from './ticker.js';

/** @import { Bookmark, Bookmarks } from './bookmark.js' */
/** @import { Changes, ClientOptions, FaceState, Surroundings } from './hello.js' */
/** @import { ClientMessage, Configured, Ready, ServerMessage, Warning } from './messages.js' */
/** @import { TextSource } from './pieces.js' */
/** @import { Heard } from './spoken-utterance.js' */
/** @import { ClientState } from './state.js' */

/**
 * @typedef {object} ClientEvents
 * @property {ClientState} state
 * @property {Ready} ready
 * @property {SpokenUtterance} utterance
 * @property {Warning} warning
 * @property {LipwireError} error
 */

/** A server that restarts sends what it is speaking to the end of its segment, without waiting. */
const LAST_MS = 60_000;

/**
 * A voice and a mouth on the other end of a WebSocket.
 * @extends {Sound<ClientEvents>}
 */
export class LipwireClient extends Sound {
  /** @type {ClientState} */
  #state = 'idle';
  #connection;
  /** @type {Ready | undefined} */
  #ready;
  /** @type {Bookmark | null | undefined} of a session that is to be taken up */
  #resume;
  /** @type {Bookmarks | undefined} */
  #bookmarks;
  #loudspeaker;
  #manner;
  #conversation;
  #ticker = new Ticker(() => this.#tick());

  /**
   * @param {string | URL} [url] the server's `/v1/stream`; that of this page's server when left out
   * @param {ClientOptions} [options]
   * @param {Surroundings} [surroundings]
   */
  constructor(url, options = {}, surroundings = {}) {
    const loudspeaker = new Loudspeaker(options, surroundings.createPlayer);
    super(loudspeaker);
    this.#loudspeaker = loudspeaker;
    this.#resume = options.resume;
    const { Socket, random, now = () => performance.now() } = surroundings;
    this.#connection = new Connection(
      streamUrl(url),
      {
        greet: (session) => {
          this.#loudspeaker.forget();
          // The network is there: browsers do not try again what they could not load. Meanwhile the
          // server answers, and what waits for this hears of a failure.
          this.#loudspeaker.load().catch(() => {});
          this.face.expect(options.frames).catch(() => {});
          const place = session && { ...session, position: this.#conversation.position };
          return this.#manner.greeting(this.#loudspeaker.choose(), place ?? this.#resume?.session);
        },
        prepare: (ready) => this.#prepare(ready),
        onReady: (ready) => this.#begin(ready),
        onMessage: (message) => this.#loudspeaker.read(message, this.#deliver),
        onLost: () => this.#suspend(),
        onRefused: (error) => this.#lost(error, true),
        onEnd: (error) => this.#lost(error, false),
      },
      { Socket, random, now },
    );
    const send = (/** @type {ClientMessage} */ message) => this.#connection.send(message);
    this.#manner = new Manner(options, send);
    this.#loudspeaker.on('held', (held) => this.#hold(held));
    /**
     * What it looks like.
     * @readonly
     */
    this.face = new Face(now, () => this.position());
    this.#conversation = new Conversation(send, this.face, this.#resume?.next);
    this.#conversation.watching = options.watch !== undefined;
    for (const name of /** @type {const} */ (['utterance', 'warning', 'error'])) {
      const pass = (/** @type {any} */ detail) => this.emit(name, detail);
      this.#conversation.on(name, pass);
      loudspeaker.on(/** @type {'warning'} */ (name), pass);
    }
  }

  get state() {
    return this.#state;
  }

  /** What the server grants; undefined while there is no session. */
  get session() {
    return this.#ready;
  }

  /**
   * Connects, unless it is connected; `speak` does it by itself. While a lost connection is tried again,
   * this waits for what comes of it.
   * @param {{signal?: AbortSignal}} [options] `signal` gives up, for all who wait for a connection
   * @returns {Promise<Ready>}
   */
  connect({ signal } = {}) {
    const waits = this.#connection.state !== 'open';
    const connected = this.#connection.open();
    if (waits) heed(signal, () => this.#connection.close(), connected);
    this.#update();
    return connected;
  }

  /** Lets sound out. Browsers allow it in a click, a tap or a key press only: call it in one. */
  async unlock() {
    if (!this.#player) await this.connect();
    await this.#player?.unlock();
  }

  /**
   * Says a text, or a stream of text while it is being written.
   * @param {TextSource} source
   * @param {{signal?: AbortSignal}} [options] `signal` stops this one, as `interrupt` stops everything
   * @returns {SpokenUtterance}
   */
  speak(source, { signal } = {}) {
    return this.#open(async (utterance) => {
      checkSource(source);
      await this.#act();
      await this.#conversation.text.tell(utterance, source, () => this.#connection.drained());
    }, signal);
  }

  /**
   * Says again what was said in this session, with the same sound; its positions are those that it had.
   * @param {SpokenUtterance | number} utterance itself or its number
   * @param {{from?: number, signal?: AbortSignal}} [options] `from`: its first sample that is wanted
   * @returns {SpokenUtterance}
   */
  replay(utterance, { from, signal } = {}) {
    const known = utterance instanceof SpokenUtterance ? utterance : undefined;
    const of = known?.number ?? /** @type {number} */ (utterance);
    return this.#open(async (again) => {
      again.isRetold = true;
      again.text = known?.text ?? '';
      await this.#act();
      await this.#conversation.text.order({ type: 'replay', utterance: again.number, of, from });
    }, signal);
  }

  /**
   * Barge-in: silence now. Answers what was heard of the utterance that was speaking, and undefined
   * when nothing was.
   * @returns {Promise<Heard | undefined>}
   */
  interrupt() {
    return this.#stop();
  }

  /**
   * Changes how it speaks from the next sentence on, also after a connection was lost. Answers what
   * holds then; when the server refuses, nothing has changed.
   * @param {Changes} changes
   * @returns {Promise<Configured>}
   */
  async configure(changes) {
    await this.#act();
    await this.face.expect(changes.frames);
    return this.#manner.configure(changes);
  }

  /**
   * Sets the emotion, where the eyes look and how the head is held, also after a connection was lost;
   * what is left out stays as it is. Answers all of it.
   * @param {Partial<FaceState>} changes
   * @returns {Promise<FaceState>}
   */
  async pose(changes) {
    await this.#act();
    return this.#manner.pose(changes);
  }

  /** What is heard now; undefined in silence. */
  position() {
    return this.#conversation.playout?.current;
  }

  /** For how many milliseconds nothing has been heard although more of it has to come. */
  get dryMs() {
    return this.paused || !this.#mayMove ? 0 : this.face.dryMs;
  }

  /**
   * Where the listener is: with it as `resume`, another page goes on there. Of a client with that option.
   * @returns {Bookmark | null | undefined} nothing while there is no session
   */
  bookmark() {
    if (!this.#ready) return this.#resume;
    return this.#bookmarks?.of(this.#ready);
  }

  /** Ends the session; what is being said is over. `speak` would open another one. */
  async close() {
    this.#setState('closed');
    this.#connection.close();
    this.#conversation.playout = undefined;
    await this.#loudspeaker.close();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }

  get #player() {
    return this.#loudspeaker.player;
  }

  /** What is decoded first arrives when nobody waits for a fault any more. */
  #deliver = (/** @type {ServerMessage} */ message) => {
    try {
      this.#receive(message);
    } catch (error) {
      this.#connection.fail(LipwireError.of(error, 'bad_message'));
    }
  };

  /** @param {Ready} ready */
  async #prepare(ready) {
    const { frames, audio } = ready;
    this.face.sampleRate = audio.sample_rate;
    await this.face.expect(frames);
    this.face.film?.begin(frames, audio.sample_rate);
    await this.#openPlayer(ready);
    // Meanwhile the page may have closed it, when there was nothing yet to be closed.
    if (this.#state === 'closed') await this.#loudspeaker.close();
    if (this.#resume === undefined) return;
    const { Bookmarks } = await later(import('./bookmark.js'));
    this.#bookmarks ??= new Bookmarks(this.#conversation, this, this.#resume);
  }

  /** @param {Ready} ready */
  #begin(ready) {
    this.#ready = ready;
    this.#conversation.text.limits = ready.limits;
    if (this.paused) this.#hold(true);
    this.#manner.begin(ready);
    this.#bookmarks?.takeUp(this.#resume);
    this.#resume &&= null;
    if (ready.session.resumed) this.#conversation.resume(ready.session.received);
    this.#update();
    this.emit('ready', ready);
  }

  /** @param {Ready} ready */
  async #openPlayer(ready) {
    const before = this.#player;
    const player = await this.#loudspeaker.open(ready);
    if (player === before) return;
    if (before) this.#conversation.silenced(lost('the voice has changed'));
    const playout = new Playout(player, (played) => this.#connection.send(played));
    player.on('report', (report) => {
      if (report.type === 'overflow') {
        const error = new LipwireError('bad_state', 'the server sent too much');
        this.#connection.fail(error);
        // What did not fit would never be heard.
        this.#conversation.silenced(error);
      }
      playout.report(report);
      this.#update();
    });
    player.on('state', () => this.#update());
    this.#conversation.playout = playout;
  }

  /**
   * @param {(utterance: SpokenUtterance) => Promise<void>} say
   * @param {AbortSignal} [signal]
   */
  #open(say, signal) {
    const utterance = this.#conversation.begin();
    this.emit('utterance', utterance);
    say(utterance).catch((cause) => {
      this.#conversation.drop(utterance, LipwireError.of(cause, 'internal'));
      this.#update();
    });
    heed(signal, () => this.#stop(utterance), utterance.finished);
    this.#update();
    return utterance;
  }

  /** @param {SpokenUtterance} [only] */
  async #stop(only) {
    const interrupted = this.#conversation.interrupt(only);
    this.#update();
    const heard = await interrupted;
    this.#update();
    return heard;
  }

  async #act() {
    if (this.#conversation.watching) {
      throw new LipwireError('bad_state', 'who watches may not do that');
    }
    await this.connect();
  }

  /** @param {boolean} held */
  #hold(held) {
    // Who watches holds his own loudspeaker only.
    if (!this.#conversation.watching) this.#connection.send({ type: held ? 'pause' : 'continue' });
    this.#update();
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    switch (message.type) {
      case 'goaway':
        this.#player?.grow(LAST_MS);
        this.#conversation.receive(message);
        break;
      case 'configured':
        this.face.film?.grant(message.frames, message.from);
        if (this.#ready) this.#ready = { ...this.#ready, ...message, type: 'ready' };
        this.#manner.answer(message);
        break;
      case 'posed':
        this.face.pose = message;
        this.#manner.answer(message);
        break;
      default:
        if (!this.face.receive(message) && !this.#manner.refuse(message)) {
          this.#conversation.receive(message);
        }
    }
    this.#ticker.start();
    this.#update();
  }

  /** The connection is gone, and is tried again; what has arrived is heard meanwhile. */
  #suspend() {
    if (this.#conversation.watching) this.#conversation.lost(lost('joined again'));
    else this.#conversation.suspend();
    this.#ticker.start();
    this.#update();
  }

  /**
   * The session is gone.
   * @param {LipwireError | undefined} error
   * @param {boolean} another whether there will be another one
   */
  #lost(error, another) {
    this.#ready = undefined;
    // That session is no more; what is said next is said in another one.
    if (error?.code === 'not_found') this.#resume &&= null;
    const reason = error ?? lost('this page closed the connection');
    if (!another) this.#manner.close(reason);
    this.#conversation.lost(reason, { playing: this.#state !== 'closed', another });
    this.#ticker.start();
    this.#update();
    if (error) this.emit('error', error);
  }

  /** Words are told in time while there are frames; the worklet's reports do the rest. */
  #tick() {
    this.#conversation.playout?.advance();
    this.#update();
    return this.#mayMove;
  }

  #update() {
    const { state } = this.#connection;
    this.#connection.expect(this.#conversation.expecting);
    if (this.#state === 'closed' && state === 'closed') return;
    const blocked = !this.paused && this.#player?.blocked;
    const dry = !this.paused && this.face.dryMs > 0;
    this.#setState(stateOf(this.#connection, this.#conversation, blocked, dry));
  }

  /** The face has something to do: it does so in silence, too. */
  get #mayMove() {
    return this.#state === 'speaking' || this.#state === 'blocked';
  }

  /** @param {ClientState} state */
  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
