// Makes the unfinished end of a growing Markdown text look like what it most probably becomes, so that nothing flickers:
// a marker whose other half has not come yet is closed or left out. Pure.

import { closingBackticks, formulaAt, openFormula } from "#chat/markdown/math_syntax";

// A last line that so far holds only the beginning of a list item, task, heading, rule, quote, table or fence.
const ONLY_MARKERS = /(^|\n)[ \t]*(?:[-*+#>=|`~_:]+|\d{1,9}[.)]?|(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]?\]?)[ \t]*$/;
// A table's first row whose row of dashes has not come yet: until then it would stand there as words between bars.
const ONLY_TABLE_HEAD = /(^|\n)[ \t]*\|[^\n]*(?:\n[ \t|:-]*)?$/;
const FENCE = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})(.*)$/; // also inside lists and quotes
const ONLY_BACKSLASH = /(?<!\\)\\$/; // what it stands before decides what it means
const OPEN_LINK = /!?\[([^\][]*)(?:\]\([^()\s]*(?:\s[^()]*)?|\]?)$/;
const DELIMITERS = /`+|\\[([]|\\.|\$\$?|\*\*|__|~~|\*|_/gs;

/** `text` with its end mended; what lies before its last line changes only by closing what is open. */
export function mend(text) {
  const fence = openFence(text);
  if (fence && text.includes("\n", fence.at)) return withoutFenceEnd(text, fence.marker);
  const prose = fence ? text.slice(0, fence.at) : text; // its language is still being written
  const shown = withoutTableHead(withoutOpenFormula(prose)).replace(ONLY_MARKERS, "$1");
  return closeEmphasis(withoutOpenLink(shown));
}

function withoutOpenFormula(text) {
  const open = openFormula(text);
  return open === -1 ? text.replace(ONLY_BACKSLASH, "") : text.slice(0, open);
}

/** Code without what may be the beginning of its fence's end. */
function withoutFenceEnd(text, marker) {
  const last = text.lastIndexOf("\n");
  const line = text.slice(last + 1).trim();
  return line !== "" && marker.startsWith(line) ? text.slice(0, last) : text;
}

function withoutTableHead(text) {
  const head = ONLY_TABLE_HEAD.exec(text);
  if (!head) return text;
  const before = text.slice(0, head.index);
  const lineBefore = before.slice(before.lastIndexOf("\n") + 1);
  return lineBefore.includes("|") ? text : before + head[1]; // a later row of a table is drawn as it grows
}

/** The fence in which the text ends: {marker, at: where its line begins}, or null. */
function openFence(text) {
  let fence = null;
  let at = 0;
  for (const line of text.split("\n")) {
    const [, marker, info] = FENCE.exec(line) ?? [];
    if (marker && fence === null) fence = { marker, at };
    else if (marker && marker[0] === fence.marker[0] && marker.length >= fence.marker.length && info.trim() === "") fence = null;
    at += line.length + 1;
  }
  return fence;
}

function withoutOpenLink(text) {
  const lastLine = text.slice(text.lastIndexOf("\n") + 1);
  const link = OPEN_LINK.exec(lastLine);
  if (!link || /^\[[ xX]?\]?$/.test(link[0])) return text; // "[ ]" may become a task's box
  return text.slice(0, text.length - link[0].length) + link[1];
}

function closeEmphasis(text) {
  const start = text.lastIndexOf("\n\n") + 1;
  const paragraph = text.slice(start);
  const open = [];
  DELIMITERS.lastIndex = 0;
  for (let match = DELIMITERS.exec(paragraph); match; match = DELIMITERS.exec(paragraph)) {
    const [mark] = match;
    const formula = /[\\$]/.test(mark[0]) ? formulaAt(paragraph.slice(match.index)) : null;
    if (formula) DELIMITERS.lastIndex = match.index + formula.raw.length;
    if (mark[0] === "\\" || mark[0] === "$") continue;
    const end = match.index + mark.length;
    if (mark[0] === "`") {
      const close = closingBackticks(paragraph, end, mark.length);
      if (close === -1) return end === paragraph.length ? text.slice(0, -mark.length) : text + mark;
      DELIMITERS.lastIndex = close;
      continue;
    }
    const before = paragraph[match.index - 1] ?? " ";
    const after = paragraph[end] ?? " ";
    if (mark[0] === "_" && isWord(before) && isWord(after)) continue;
    if (open.at(-1)?.mark === mark && !isSpace(before)) open.pop();
    else if (!isSpace(after) || end === paragraph.length) open.push({ mark, end });
  }
  let mended = open.some(({ mark }) => mark === "~~") ? text.replace(/(?<!~)~$/, "") : text; // half of its other half
  for (const { mark, end } of open.reverse()) {
    if (end === paragraph.length) mended = mended.slice(0, -mark.length);
    else mended = closed(mended, mark);
  }
  return mended;
}

/** Closes before trailing space: "**a " would not take "**" as its end. */
function closed(text, mark) {
  const body = text.trimEnd();
  return body + mark + text.slice(body.length);
}

function isSpace(char) {
  return /\s/.test(char);
}

function isWord(char) {
  return /[\p{L}\p{N}]/u.test(char);
}
