// Where a growing Markdown text may be cut: its finished blocks (paragraphs, lists, tables...) will not change any more,
// whatever follows, so they need be drawn only once. Pure.

import { parser } from "#chat/markdown/parser";

/**
 * Splits `text` into {done: [raw text of each finished block], rest}. Only whole lines decide, because a line that is still
 * growing may turn out to be anything; the last block stays in `rest`, because the next line may go on with it.
 */
export function splitBlocks(text) {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const blocks = group(parser.lexer(whole));
  if (blocks.join("") !== whole) return { done: [], rest: text }; // the parser has changed the text: draw it as one
  const done = blocks.slice(0, -1);
  return { done, rest: text.slice(done.join("").length) };
}

/** The blocks of a text that is complete: joined, they are the text. */
export function allBlocks(text) {
  return group(parser.lexer(text));
}

/** Whether blocks drawn one by one differ from the text drawn in one piece: reference links look for their definitions. */
export function needsWhole(text) {
  return Object.keys(parser.lexer(text).links ?? {}).length > 0;
}

/** Raw texts of the top-level tokens; blank lines go with the block before, and an open <details> holds on to what follows. */
function group(tokens) {
  const blocks = [];
  let open = 0;
  for (const { type, raw } of tokens) {
    if (blocks.length > 0 && (type === "space" || open > 0)) blocks[blocks.length - 1] += raw;
    else blocks.push(raw);
    if (type === "html") open = Math.max(0, open + count(raw, /<details\b/gi) - count(raw, /<\/details\s*>/gi));
  }
  return blocks;
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}
