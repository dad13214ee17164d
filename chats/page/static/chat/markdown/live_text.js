// Draws a growing Markdown text into an element: finished blocks once, the last one again with every frame.

import { allBlocks, needsWhole, splitBlocks } from "#chat/markdown/blocks";
import { dress } from "#chat/markdown/dress";
import { highlight, loadHighlighter } from "#chat/markdown/highlight";
import { drawFormulas, loadMath } from "#chat/markdown/math";
import { isSurelyFormula, openFormula } from "#chat/markdown/math_syntax";
import { mend } from "#chat/markdown/mend";
import { morphChildren } from "#chat/markdown/morph";
import { parser } from "#chat/markdown/parser";
import { sanitizeProse } from "#chat/markdown/sanitize";

const HOLDS_TEXT = "p, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, details, figure, pre, pre > code";
const REST_RATIO = 4; // a frame that took long to draw is followed by this many times its time without drawing

export class LiveText {
  #element;
  #text = "";
  #done = 0; // characters of the finished blocks
  #doneNodes = 0;
  #final = false;
  #restUntilMs = 0;
  #timer = null;

  /** `element` is emptied and belongs to this object from now on. */
  constructor(element) {
    this.#element = element;
    element.replaceChildren();
  }

  /** Shows `text`; `final` says that nothing more comes. Cheap when nothing has changed. */
  show(text, final) {
    const clean = text.replaceAll("\r", "");
    if (clean === this.#text && final === this.#final) return;
    if (!clean.startsWith(this.#text)) this.#reset();
    this.#text = clean;
    this.#final = final;
    clearTimeout(this.#timer);
    const pauseMs = final ? 0 : this.#restUntilMs - performance.now();
    if (pauseMs > 0) this.#timer = setTimeout(() => this.#draw(), pauseMs);
    else this.#draw();
  }

  #reset() {
    this.#done = 0;
    this.#doneNodes = 0;
  }

  #draw() {
    const started = performance.now();
    const rest = this.#text.slice(this.#done);
    if (this.#final) this.#drawFinal(rest);
    else this.#drawGrowing(rest);
    const now = performance.now();
    this.#restUntilMs = now + (now - started) * REST_RATIO;
  }

  #drawGrowing(rest) {
    const { done, rest: growing } = splitBlocks(rest);
    const finished = nodesOf(done);
    const open = nodesOf([mend(growing)]);
    morphChildren(this.#element, this.#doneNodes, [...finished, ...open]);
    this.#done += done.join("").length;
    this.#doneNodes += finished.length;
    tipOf(this.#element)?.setAttribute("data-tip", "");
    this.#finish();
    fetchAhead(growing);
  }

  #drawFinal(rest) {
    if (needsWhole(this.#text)) {
      this.#reset();
      morphChildren(this.#element, 0, nodesOf([this.#text]));
    } else {
      morphChildren(this.#element, this.#doneNodes, nodesOf(allBlocks(rest)));
    }
    this.#element.querySelector("[data-tip]")?.removeAttribute("data-tip");
    this.#finish();
  }

  #finish() {
    drawFormulas(this.#element);
    this.#colourLater();
  }

  /** Code that was drawn before the highlighter was there. */
  #colourLater() {
    if (!this.#element.querySelector("code[data-plain]")) return;
    loadHighlighter().then(
      () => {
        for (const code of this.#element.querySelectorAll("code[data-plain]")) {
          highlight(code, code.dataset.plain);
          delete code.dataset.plain;
        }
      },
      () => {}, // plain code is readable too
    );
  }
}

/** A formula is being written: what draws it should be there when it is finished. */
function fetchAhead(growing) {
  const open = openFormula(growing);
  if (open !== -1 && isSurelyFormula(growing.slice(open))) loadMath().catch(() => {}); // told when there is one to draw
}

/** The innermost element at the end of a growing text: what comes next will be written there. */
function tipOf(element) {
  for (const old of element.querySelectorAll("[data-tip]")) old.removeAttribute("data-tip");
  let tip = element;
  for (let next = tip.lastElementChild; next?.matches(HOLDS_TEXT) && isLast(next); next = tip.lastElementChild) tip = next;
  return tip === element ? null : tip;
}

function isLast(node) {
  return !node.nextSibling || (node.nextSibling === node.parentNode.lastChild && node.nextSibling.textContent.trim() === "");
}

function nodesOf(blocks) {
  return blocks.flatMap((block) => [...dress(sanitizeProse(parser.parse(block))).childNodes]);
}
