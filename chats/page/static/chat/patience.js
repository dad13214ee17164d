// Tells a state only once it has lasted: what goes by sooner is nobody's business.

export class Patience {
  #told;
  #wanted;
  #tell;
  #timer = null;

  /** `tell(state)` is called with each state that has lasted, the first of which is `state` and is not told. */
  constructor(state, tell) {
    this.#told = state;
    this.#wanted = state;
    this.#tell = tell;
  }

  /** The state is `state` now. It is told after `patienceMs`; to say so again does not begin the wait anew. */
  see(state, patienceMs) {
    if (state === this.#wanted) return;
    this.#wanted = state;
    clearTimeout(this.#timer);
    if (state === this.#told) return;
    if (patienceMs === 0) this.#now();
    else this.#timer = setTimeout(() => this.#now(), patienceMs);
  }

  #now() {
    this.#told = this.#wanted;
    this.#tell(this.#told);
  }
}
