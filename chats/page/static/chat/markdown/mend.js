// Makes the unfinished end of a growing Markdown text look like what it most probably becomes, so that nothing flickers:
// a marker whose other half has not come yet is closed or left out. Pure.

// A last line that so far holds only the beginning of a list item, heading, rule, quote, table or fence.
const ONLY_MARKERS = /(^|\n)[ \t]*(?:[-*+#>=|`~_:]+|\d{1,9}[.)]?)[ \t]*$/;
// A table's first row whose row of dashes has not come yet: until then it would stand there as words between bars.
const ONLY_TABLE_HEAD = /(^|\n)[ \t]*\|[^\n]*(?:\n[ \t|:-]*)?$/;
const FENCE = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}|~{3,})(.*)$/; // also inside lists and quotes
const OPEN_LINK = /!?\[([^\][]*)(?:\]\([^()\s]*(?:\s[^()]*)?|\]?)$/;
const DELIMITERS = /`+|\\.|\*\*|__|~~|\*|_/gs;

/** `text` with its end mended; what lies before its last line changes only by closing what is open. */
export function mend(text) {
  if (endsInFence(text)) return text;
  return closeEmphasis(withoutOpenLink(withoutTableHead(text).replace(ONLY_MARKERS, "$1")));
}

function withoutTableHead(text) {
  const head = ONLY_TABLE_HEAD.exec(text);
  if (!head) return text;
  const before = text.slice(0, head.index);
  const lineBefore = before.slice(before.lastIndexOf("\n") + 1);
  return lineBefore.includes("|") ? text : before + head[1]; // a later row of a table is drawn as it grows
}

function endsInFence(text) {
  let fence = null;
  for (const line of text.split("\n")) {
    const [, marker, info] = FENCE.exec(line) ?? [];
    if (!marker) continue;
    if (fence === null) fence = marker;
    else if (marker[0] === fence[0] && marker.length >= fence.length && info.trim() === "") fence = null;
  }
  return fence !== null;
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
    if (mark[0] === "\\") continue;
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
  let mended = text;
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

function closingBackticks(text, from, length) {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run; run = runs.exec(text)) {
    if (run[0].length === length) return run.index + length;
  }
  return -1;
}

function isSpace(char) {
  return /\s/.test(char);
}

function isWord(char) {
  return /[\p{L}\p{N}]/u.test(char);
}
