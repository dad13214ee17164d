// Colours for code. The highlighter is fetched when there is code for the first time.

import { sanitizeHighlighted } from "#chat/markdown/sanitize";

const LIMIT = 30_000; // characters: beyond it colouring is felt as a pause

let highlighter = null;
let loading = null;

/** Loads the highlighter once. Rejects when it cannot be fetched; code is then shown plain. */
export function loadHighlighter() {
  loading ??= import("@highlightjs/cdn-assets/es/highlight.min.js").then((module) => {
    highlighter = module.default;
  });
  return loading;
}

/** Colours a <code> element in place; false while the highlighter is not there. */
export function highlight(code, language) {
  if (!highlighter) return false;
  const text = code.textContent;
  if (text.length > LIMIT || !highlighter.getLanguage(language)) return true;
  code.replaceChildren(sanitizeHighlighted(highlighter.highlight(text, { language, ignoreIllegals: true }).value));
  return true;
}
