// Renaming in place: the title becomes a box; Enter or leaving it keeps the new words, Escape the old ones.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";

const INPUT_METHOD = 229; // see growing_area.js
const LONGEST = 100; // chats/repository/asking.py

/**
 * Puts a box in the place of `element`; `save(words)` when they are to be kept, then `done(byKey)` in any case: without a
 * key the focus has gone elsewhere.
 */
export function renameInPlace(element, title, { save, done }) {
  const input = h("input", { class: "rename", maxlength: String(LONGEST), "aria-label": gettext("Title of the chat"), dir: "auto" });
  input.value = title;
  let ended = false;
  const end = (kept, byKey) => {
    if (ended) return;
    ended = true;
    if (kept) save(input.value);
    input.replaceWith(element);
    done(byKey);
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === INPUT_METHOD) return;
    if (event.key === "Enter") end(true, true);
    if (event.key === "Escape") end(false, true);
    if (["Enter", "Escape"].includes(event.key)) event.stopPropagation(); // the drawer stays open
  });
  input.addEventListener("blur", () => end(true, false));
  element.replaceWith(input);
  input.focus();
  input.select();
}
