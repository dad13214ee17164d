// Holds the state, lets it change only through the reducer, and tells the views once a frame at most.

import { initialState, reduce } from "#chat/reducer";

export class Store {
  #state = initialState;
  #watchers = new Set();
  #scheduled = false;

  get state() {
    return this.#state;
  }

  dispatch(event) {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#schedule();
  }

  /** Calls `draw(state)` now and after every change, at most once a frame. */
  watch(draw) {
    this.#watchers.add(draw);
    draw(this.#state);
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      for (const draw of this.#watchers) draw(this.#state);
    });
  }
}
