// One websocket that comes back by itself: an async iterator of what happens on it, and a way to send.

import { delayMs } from "#chat/backoff";

/** Close codes after which reconnecting is useless (DESIGN: expiry, and a chat that is not there for this person). */
export const CLOSED_EXPIRED = 4401;
export const CLOSED_MISSING = 4404;

/** A connection that lasted this long, or brought a word, was a good one: after it the backoff begins anew. */
const STEADY_MS = 5000;

/** An attempt that is not answered sooner has failed: what swallows packets does not say so. */
const DIAL_MS = 10_000;

const GIVE_UP = new Set([CLOSED_EXPIRED, CLOSED_MISSING]);

export class LiveSocket {
  #url;
  #socket = null;
  #items = [];
  #wake = null;
  #closed = false;
  #attempt = 0;
  #timer = null;
  #lastUsedMs = 0;
  #openedMs = null;
  #dialMs;

  /** `url` is ws: or wss:. Nothing happens before open(). `dialMs`: how long an attempt may go unanswered. */
  constructor(url, { dialMs = DIAL_MS } = {}) {
    this.#url = url;
    this.#dialMs = dialMs;
  }

  open() {
    this.#dial();
  }

  /** Milliseconds since something was last sent or heard. */
  get idleMs() {
    return performance.now() - this.#lastUsedMs;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Sends one command; false when there is no connection now (it is then the caller's to send again). */
  send(command) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(command));
    this.#lastUsedMs = performance.now();
    return true;
  }

  /** Reconnects now: the line may be dead without a word, or there is reason to hope sooner than the backoff does. */
  renew() {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#drop();
    this.#dial();
  }

  /** Ends the iteration and the connection. */
  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
    this.#wake?.();
  }

  /** Yields {type: "open"}, {type: "event", event}, {type: "lost"} (it will be back), {type: "closed", code} (it will not). */
  async *[Symbol.asyncIterator]() {
    while (true) {
      while (this.#items.length > 0 && !this.#closed) yield this.#items.shift();
      if (this.#closed) return;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  #dial() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const mine = (handle) => (event) => socket === this.#socket && handle(event);
    this.#openedMs = null;
    const unanswered = setTimeout(
      mine(() => {
        this.#drop();
        this.#lost();
      }),
      this.#dialMs,
    );
    socket.onopen = mine(() => {
      clearTimeout(unanswered);
      this.#openedMs = performance.now();
      this.#heard({ type: "open" });
    });
    socket.onmessage = mine(({ data }) => {
      this.#attempt = 0;
      this.#heard({ type: "event", event: JSON.parse(data) });
    });
    socket.onclose = (event) => {
      clearTimeout(unanswered);
      mine(({ code }) => this.#lost(code))(event);
    };
  }

  #heard(item) {
    this.#lastUsedMs = performance.now();
    this.#push(item);
  }

  #lost(code = null) {
    this.#socket = null;
    if (GIVE_UP.has(code)) {
      this.#push({ type: "closed", code });
      return;
    }
    this.#push({ type: "lost" });
    if (this.#openedMs !== null && performance.now() - this.#openedMs > STEADY_MS) this.#attempt = 0;
    this.#timer = setTimeout(() => this.#dial(), delayMs(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null; // its late events are nobody's
    socket?.close();
  }

  #push(item) {
    this.#items.push(item);
    this.#wake?.();
  }
}
