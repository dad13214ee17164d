// Tells marked where formulas are. Each becomes a <code> with a class that dress.js knows and no fence can have: code fences
// are in a <pre>. What it holds is the formula as it was written, so a page without a renderer shows that. Pure.

import { escape } from "#chat/markdown/escape";
import { formulaAt, formulaBlockAt } from "#chat/markdown/math_syntax";

export const FORMULA_CLASS = "language-tex-formula";

const BLOCK_START = /\n(?= {0,3}(?:\$\$|\\\[))/; // marked asks from the second character of a line on
const INLINE_START = /\$|\\[([]/;

const block = {
  name: "formulaBlock",
  level: "block",
  start(text) {
    const match = BLOCK_START.exec(text);
    return match ? match.index + 1 : undefined;
  },
  tokenizer(text) {
    const found = formulaBlockAt(text);
    return found ? { type: "formulaBlock", raw: found.raw, formula: found.formula } : undefined;
  },
  renderer({ raw, formula }) {
    return formula ? `<p>${code(formula.raw)}</p>\n` : `<p>${escape(raw.trim())}</p>\n`;
  },
};

const inline = {
  name: "formula",
  level: "inline",
  start: (text) => INLINE_START.exec(text)?.index,
  tokenizer(text) {
    const found = formulaAt(text);
    return found ? { type: "formula", raw: found.raw } : undefined;
  },
  renderer: ({ raw }) => code(raw),
};

/** Underscores and stars in a formula are no emphasis: marked looks for the ends of one in this text. */
function emStrongMask(text) {
  let masked = "";
  for (let place = 0; place < text.length; ) {
    const next = INLINE_START.exec(text.slice(place));
    if (!next) return masked + text.slice(place);
    const at = place + next.index;
    const formula = formulaAt(text.slice(at));
    const length = formula?.raw.length ?? next[0].length;
    masked += text.slice(place, at) + (formula ? "a".repeat(length) : next[0]);
    place = at + length;
  }
  return masked;
}

/** A line of dashes under a displayed formula is a rule: it makes no heading of the lines before. */
function lheading(text) {
  const [lines] = this.rules.block.lheading.exec(text) ?? [];
  return lines && BLOCK_START.test(lines) ? undefined : false; // false: marked's own rule decides
}

export const mathExtension = { extensions: [block, inline], hooks: { emStrongMask }, tokenizer: { lheading } };

function code(raw) {
  return `<code class="${FORMULA_CLASS}">${escape(raw)}</code>`;
}
