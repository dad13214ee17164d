// Keeps the newest line in sight while the reader is at the bottom, and leaves a reader who has scrolled up in peace.

const NEAR_PX = 48;

export class StickyScroll {
  #scroller;
  #stuck = true;
  #lastTop = 0;
  #onChange;

  /** `onChange(away)` is told whether the newest line is out of sight. */
  constructor(scroller, content, onChange) {
    this.#scroller = scroller;
    this.#onChange = onChange;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const observer = new ResizeObserver(() => this.#grown());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Goes to the newest line and stays there. */
  toBottom({ smooth = false } = {}) {
    this.#stuck = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }

  /** Stays where it is until the reader goes to the bottom again: for changes above which the eye must not move. */
  hold() {
    this.#stuck = false;
  }

  /** Runs `change`, which puts something in above, and leaves what is in sight where it is. */
  keepPlace(change) {
    const fromEnd = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    change();
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromEnd;
    this.#lastTop = this.#scroller.scrollTop;
  }

  get #distance() {
    return this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight;
  }

  #scrolled() {
    const top = this.#scroller.scrollTop;
    if (this.#distance < NEAR_PX) this.#stuck = true;
    else if (top < this.#lastTop) this.#stuck = false; // only a reader goes up; growth alone does not
    this.#lastTop = top;
    this.#onChange(this.#distance > NEAR_PX && !this.#stuck);
  }

  #grown() {
    if (this.#stuck) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#lastTop = this.#scroller.scrollTop;
    this.#onChange(this.#distance > NEAR_PX && !this.#stuck);
  }
}
