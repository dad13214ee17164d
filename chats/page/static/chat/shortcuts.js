// Which key does what. Pure. Single keys are for when nobody types; they can be switched off, since who speaks to a computer
// or whose hands tremble would press them unasked (WCAG 2.1.4).

import { gettext } from "#chat/gettext";

/** {key of a KeyboardEvent: what it does}; each works outside of text fields only. */
const SINGLE_KEYS = {
  n: "new_chat",
  m: "write",
  s: "search",
  b: "sidebar",
  c: "copy",
  "<": "previous_branch",
  ">": "next_branch",
  "?": "help",
};

/** [[keys, what they do in words]], in the order of the sheet. */
export function shortcutWords() {
  return [
    [["Enter"], gettext("Send")],
    [["Shift", "Enter"], gettext("New line")],
    [["Esc"], gettext("Stop the reply; else leave the message box")],
    [["M"], gettext("To the message box")],
    [["N"], gettext("New chat")],
    [["S"], gettext("Search in all chats")],
    [["B"], gettext("Show or hide the list of chats")],
    [["C"], gettext("Copy the last reply")],
    [["<"], gettext("Previous branch")],
    [[">"], gettext("Next branch")],
    [["?"], gettext("This list")],
    [["Ctrl", "/"], gettext("This list, also while writing")],
  ];
}

/**
 * What a key press asks for, or null. `event` is a KeyboardEvent's {key, ctrlKey, metaKey, altKey, isComposing, repeat};
 * `place` is where it was pressed: "composer", "text" (another text field) or "page"; `single`: whether single keys are on.
 */
export function shortcutOf({ key, ctrlKey, metaKey, altKey, isComposing, repeat }, { place, single }) {
  if (isComposing || repeat || altKey) return null;
  if (ctrlKey || metaKey) return key === "/" ? "help" : null;
  if (key === "Escape") return place === "text" ? null : "stop";
  return place === "page" && single && Object.hasOwn(SINGLE_KEYS, key.toLowerCase()) ? SINGLE_KEYS[key.toLowerCase()] : null;
}

/** The sibling of the lowest message of the path that has any, `by` steps on; null when there is none. */
export function branchBeside(path, by) {
  const step = path.findLast(({ siblings }) => siblings.length > 1);
  return step?.siblings[step.index + by] ?? null;
}
