// Where formulas stand in Markdown: $...$, $$...$$, \(...\) and \[...\], whole and unfinished. Prices and shell variables are
// none. Pure.

const BLANK_LINE = /\n[ \t]*\n/;
const INLINE_DOLLARS = /^\$(?![\s$])((?:\\[^\n]|[^\\$\n`])+)(?<!\s)\$(?![\p{L}\p{N}$])/u;
const PAIRS = { "$$": "$$", "\\(": "\\)", "\\[": "\\]" };
const BLOCK = /^ {0,3}(\$\$|\\\[)/;
const SIGNS = /[\\^_={}+<>|*/]/; // what words do not have
const WORDS = /\p{L}{3,}\s+\p{L}{2,}/u;
const PRICE = /^\d[\d.,]*[\p{L}%]?[\p{P}]*\s+\p{L}{2,}/u;
const OPENERS = /`+|\\[([]|\\[^]|\$\$?/g;
const PATIENCE = { "$": 200, "$$": 2000, "\\(": 400, "\\[": 2000 }; // characters that an unfinished formula may have

/** The formula with which `text` begins: {raw, tex, display}, or null. */
export function formulaAt(text) {
  const opener = Object.keys(PAIRS).find((pair) => text.startsWith(pair));
  if (!opener) {
    const [raw, tex] = INLINE_DOLLARS.exec(text) ?? [];
    return raw && !isProse(tex) ? { raw, tex, display: false } : null;
  }
  const end = text.indexOf(PAIRS[opener], 2);
  if (end === -1) return null;
  const tex = text.slice(2, end);
  if (tex.trim() === "" || BLANK_LINE.test(tex)) return null;
  return { raw: text.slice(0, end + 2), tex, display: opener !== "\\(" };
}

/**
 * The displayed formula with which a block begins, alone on its lines: {raw, formula}; formula is null while the text ends
 * before the formula does, so that nothing in it is taken for a list or a heading. Null where there is none.
 */
export function formulaBlockAt(text) {
  const [indented, opener] = BLOCK.exec(text) ?? [];
  if (!opener) return null;
  const body = text.slice(indented.length - opener.length);
  const found = formulaAt(body);
  if (found) {
    const after = /^[ \t]*(?:\n+|$)/.exec(body.slice(found.raw.length));
    return after ? { raw: text.slice(0, indented.length - opener.length) + found.raw + after[0], formula: found } : null;
  }
  return body.includes(PAIRS[opener], 2) || BLANK_LINE.test(body) ? null : { raw: text, formula: null };
}

/** Where in a growing text a formula begins whose end has not come yet, or -1. Only the last paragraph is looked at. */
export function openFormula(text) {
  const start = text.lastIndexOf("\n\n") + 1;
  const paragraph = text.slice(start);
  OPENERS.lastIndex = 0;
  for (let match = OPENERS.exec(paragraph); match; match = OPENERS.exec(paragraph)) {
    const [mark] = match;
    const rest = paragraph.slice(match.index);
    if (mark[0] === "`") {
      const close = closingBackticks(paragraph, OPENERS.lastIndex, mark.length);
      if (close === -1) return -1;
      OPENERS.lastIndex = close;
    } else if (mark[0] === "$" || Object.hasOwn(PAIRS, mark)) {
      const formula = formulaAt(rest);
      if (formula) OPENERS.lastIndex = match.index + formula.raw.length;
      else if (mayBecomeFormula(rest, mark)) return start + match.index;
    }
  }
  return -1;
}

/** Whether an unfinished formula looks so much like one that its renderer should be fetched. */
export function isSurelyFormula(text) {
  return text.length > 2 && (!/^\$[^$]/.test(text) || SIGNS.test(text));
}

/** Where the code span ends that was opened with so many backticks before `from`, or -1. */
export function closingBackticks(text, from, length) {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run; run = runs.exec(text)) {
    if (run[0].length === length) return run.index + length;
  }
  return -1;
}

function mayBecomeFormula(text, opener) {
  const body = text.slice(opener.length);
  if (body.length > PATIENCE[opener]) return false;
  if (opener !== "$") return !body.includes(PAIRS[opener]);
  return !/^\s|[`\n$]/.test(body.replace(/\\\$/g, "")) && !PRICE.test(body) && !isProse(body);
}

function isProse(tex) {
  return !SIGNS.test(tex) && (WORDS.test(tex) || PRICE.test(tex));
}
