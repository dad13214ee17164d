// Formulas: a place for each as soon as it is written, drawn by KaTeX, which is fetched when there is a formula for the first
// time.

import { h } from "#chat/dom";
import { FORMULA_CLASS } from "#chat/markdown/math_extension";
import { formulaAt } from "#chat/markdown/math_syntax";
import { sanitizeMathML } from "#chat/markdown/sanitize";

const LIMIT = 4000; // characters
const OPTIONS = {
  throwOnError: true,
  strict: false,
  trust: false, // no links, images or styles of the model's own
  maxSize: 20, // em: what a formula may take up
  maxExpand: 500,
};
const FONTS = ["KaTeX_Main", "italic 1em KaTeX_Math"];

let katex = null;
let loading = null;

/** Fetches KaTeX, its style sheet and its first fonts, once. Rejects when it cannot be had; formulas stay as written. */
export function loadMath() {
  loading ??= Promise.all([import("katex/dist/katex.min.js"), loadStyle()]).then(async () => {
    const fonts = FONTS.map((font) => document.fonts.load(font.includes(" ") ? font : `1em ${font}`));
    await Promise.allSettled(fonts); // without them the first formula would change its width
    katex = globalThis.katex;
  });
  return loading;
}

/** Puts a place for its drawing where each formula is in sanitized Markdown. */
export function placeFormulas(fragment) {
  for (const code of fragment.querySelectorAll(`:not(pre) > code.${FORMULA_CLASS}`)) {
    const raw = code.textContent;
    const formula = formulaAt(raw);
    if (formula) code.replaceWith(h("span", { class: "formula", "data-formula": raw, "data-display": formula.display }, raw));
  }
}

/** Draws the formulas below `root` that are not drawn yet; those that cannot be drawn are shown as they were written. */
export function drawFormulas(root) {
  const places = [...root.querySelectorAll(".formula:not([data-drawn])")];
  if (places.length === 0) return;
  if (katex) places.forEach(draw);
  else {
    loadMath().then(
      () => drawFormulas(root),
      () => places.forEach((place) => place.setAttribute("data-drawn", "not")),
    );
  }
}

function draw(place) {
  const { tex, display } = formulaAt(place.dataset.formula);
  const drawing = h("span", { "aria-hidden": "true" });
  try {
    if (tex.length > LIMIT) throw new RangeError(`a formula of ${tex.length} characters`);
    // KaTeX sets styles through the DOM, which the page's policy lets it do. Its MathML is for screen readers.
    katex.render(tex, drawing, { ...OPTIONS, output: "html", displayMode: display });
    const spoken = sanitizeMathML(katex.renderToString(tex, { ...OPTIONS, output: "mathml", displayMode: display }));
    place.replaceChildren(h("span", { class: "visually-hidden" }, spoken), drawing);
    place.setAttribute("data-drawn", "");
  } catch (error) {
    place.setAttribute("data-drawn", "not");
    place.title = error.message;
  }
}

function loadStyle() {
  const link = document.getElementById("math-style");
  return new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => reject(new Error(`${link.href} cannot be fetched`)));
    link.disabled = false;
  });
}
