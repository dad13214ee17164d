// One open chat: its socket, what is read from it, and what is sent on it. Brings the state up to date after every
// reconnect: the chat by REST, then each unfinished reply from its cursor on, then what waits in the outbox.

import { CLOSED_EXPIRED, CLOSED_MISSING, LiveSocket } from "#chat/socket";
import { delayMs } from "#chat/backoff";
import { isUnfinished } from "#chat/message_states";

const FIRST_LOOK_MS = 1000; // the chat is read without its socket when that takes longer
const SILENCE_MS = 45_000; // with a reply under way the server speaks every ten seconds, or the engine thinks
const ANSWER_MS = 15_000; // a command is answered at once
const SILENCE_CHECK_MS = 5000;

export class Conversation {
  #chatId;
  #store;
  #api;
  #socket;
  #followed = new Set(); // replies that this connection streams
  #sent = new Set(); // refs sent on this connection
  #abort = new AbortController();
  #reading = new AbortController();
  #timers = [];

  constructor({ chatId, store, api, socketUrl }) {
    this.#chatId = chatId;
    this.#store = store;
    this.#api = api;
    this.#socket = new LiveSocket(socketUrl);
  }

  get chatId() {
    return this.#chatId;
  }

  open() {
    this.#store.dispatch({ event_type: "connection_changed", status: "connecting" });
    this.#timers.push(setTimeout(() => this.#state.phase === "loading" && this.#read(), FIRST_LOOK_MS));
    this.#timers.push(setInterval(() => this.#checkSilence(), SILENCE_CHECK_MS));
    addEventListener("online", () => this.#hope(), { signal: this.#abort.signal });
    document.addEventListener("visibilitychange", () => this.#hope(), { signal: this.#abort.signal });
    this.#socket.open();
    this.#listen();
  }

  close() {
    this.#abort.abort();
    this.#reading.abort();
    this.#timers.forEach(clearTimeout);
    this.#socket.close();
  }

  /** Sends what waits in the outbox, as far as this connection has not sent it already. */
  flush() {
    for (const item of this.#state.outbox) {
      if (item.status !== "sending" || item.options === null || this.#sent.has(item.ref)) continue;
      if (this.#state.phase !== "ready" || !this.#socket.send(commandOf(item))) return;
      this.#sent.add(item.ref);
    }
  }

  /** Stops a reply, over the socket or, without one, by REST. */
  async stop(messageId) {
    if (this.#socket.send({ type: "stop", message_id: messageId })) return;
    const message = await this.#api.cancelMessage(this.#chatId, messageId);
    if (message && !this.#abort.signal.aborted) this.#store.dispatch({ event_type: "message", message_id: message.id, message });
  }

  /** Lets a ref that was refused be sent again on this connection. */
  forget(ref) {
    this.#sent.delete(ref);
  }

  /** Tries a lost connection now: there is reason to believe that it is back. */
  renew() {
    if (!this.#socket.isOpen) this.#socket.renew();
  }

  get #state() {
    return this.#store.state;
  }

  async #listen() {
    for await (const item of this.#socket) {
      if (item.type === "open") this.#opened();
      else if (item.type === "event") this.#heard(item.event);
      else if (item.type === "lost") this.#store.dispatch({ event_type: "connection_changed", status: "lost" });
      else this.#closed(item.code);
    }
  }

  #opened() {
    this.#followed.clear();
    this.#sent.clear();
    this.#read();
  }

  #heard(event) {
    const ours = event.event_type === "message_created" && Boolean(event.ref) && this.#sent.has(event.ref);
    this.#store.dispatch(event);
    if (event.event_type !== "message_created") return;
    if (ours) this.#followed.add(event.message.id); // its stream comes by itself
    this.#follow();
  }

  #closed(code) {
    if (code === CLOSED_EXPIRED) this.#store.dispatch({ event_type: "connection_changed", status: "expired" });
    if (code === CLOSED_MISSING) this.#store.dispatch({ event_type: "chat_missing" });
  }

  /** Reads the chat by REST, again and again while the server cannot give it; then goes on with what was under way. */
  async #read() {
    this.#reading.abort(); // a new connection's look makes an older one pointless
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const connected = this.#socket.isOpen;
    let chat = null;
    for (let attempt = 0; chat === null; attempt += 1) {
      try {
        chat = await this.#api.getChat(this.#chatId, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (!this.#mayRetry(error)) return;
        await pause(delayMs(attempt, Math.random()), signal);
      }
      if (signal.aborted) return;
    }
    this.#store.dispatch({ event_type: "chat_loaded", chat });
    if (!connected || !this.#socket.isOpen) return; // the next connection looks again
    this.#store.dispatch({ event_type: "connection_changed", status: "open" });
    this.#follow();
    this.flush();
  }

  #mayRetry(error) {
    if (error.status === 404) this.#store.dispatch({ event_type: "chat_missing" });
    else if (error.isLoggedOut) this.#store.dispatch({ event_type: "connection_changed", status: "expired" });
    else {
      this.#store.dispatch({ event_type: "chat_failed" });
      return true;
    }
    this.#socket.close();
    return false;
  }

  /** Asks for the stream of every unfinished reply that this connection does not bring yet. */
  #follow() {
    for (const message of Object.values(this.#state.messages)) {
      if (message.role !== "assistant" || !isUnfinished(message) || this.#followed.has(message.id)) continue;
      const cursor = this.#state.streams[message.id]?.cursor ?? null;
      if (this.#socket.send({ type: "resume", message_id: message.id, cursor })) this.#followed.add(message.id);
    }
  }

  #hope() {
    if (document.visibilityState === "visible") this.renew();
  }

  /** A line can be dead without a word: after a silence that has no reason it is made anew, and what was sent is sent again. */
  #checkSilence() {
    const { messages, outbox } = this.#state;
    const unanswered = outbox.some((item) => this.#sent.has(item.ref) && item.status === "sending");
    const patienceMs = unanswered ? ANSWER_MS : Object.values(messages).some(isUnfinished) ? SILENCE_MS : Infinity;
    if (this.#socket.isOpen && this.#socket.idleMs > patienceMs) this.#socket.renew();
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

function commandOf({ ref, kind, parent_id, content, drafts, options }) {
  return { type: kind, ref, parent_id, ...(kind === "prompt" ? { content } : {}), drafts, ...options };
}
