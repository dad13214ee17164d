// What the page adds to sanitized Markdown: a frame with language and copy button around code, a scroller around tables,
// a place for each formula.

import { gettext } from "#chat/gettext";
import { h } from "#chat/dom";
import { highlight } from "#chat/markdown/highlight";
import { placeFormulas } from "#chat/markdown/math";

/** The same fragment, dressed; blank text between blocks is taken out. */
export function dress(fragment) {
  for (const node of [...fragment.childNodes]) {
    if (node.nodeType === Node.TEXT_NODE && node.data.trim() === "") node.remove();
  }
  placeFormulas(fragment);
  for (const pre of fragment.querySelectorAll("pre")) dressCode(pre);
  for (const table of fragment.querySelectorAll("table")) {
    const scroller = h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": gettext("Table") });
    table.replaceWith(scroller);
    scroller.append(table);
  }
  for (const item of fragment.querySelectorAll("li:has(> input), li:has(> p > input)")) item.className = "task";
  for (const block of fragment.children) if (block.tagName !== "FIGURE") block.dir = "auto"; // each by its own first words
  return fragment;
}

function dressCode(pre) {
  const code = pre.querySelector("code");
  if (!code) return;
  const language = code.className.replace("language-", "");
  if (code.textContent.endsWith("\n")) code.lastChild.data = code.lastChild.data.slice(0, -1);
  const frame = h(
    "figure",
    { class: "code" },
    h(
      "figcaption",
      {},
      h("span", {}, language || gettext("text")),
      h("button", { type: "button", class: "copy-code", "data-action": "copy-code" }, gettext("Copy")),
    ),
  );
  pre.replaceWith(frame);
  pre.tabIndex = 0;
  pre.dir = "ltr";
  frame.append(pre);
  code.removeAttribute("class");
  if (language && !highlight(code, language)) code.dataset.plain = language;
}
