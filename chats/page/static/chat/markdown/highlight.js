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

/** Colours lines of code in place, those whose `data-plain` names their language; leaves them while there is no highlighter. */
export function colour(lines) {
  if (!highlighter) return;
  const text = lines.textContent;
  const language = lines.dataset.plain;
  delete lines.dataset.plain;
  if (text.length > LIMIT || !highlighter.getLanguage(language)) return;
  lines.replaceChildren(sanitizeHighlighted(highlighter.highlight(text, { language, ignoreIllegals: true }).value));
}
