// Buttons that are a picture: each has a name that is read out and shown on hovering.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { copyText } from "#chat/clipboard";

const DONE_MS = 1600;

/** A button with an icon; `name` says what it does. */
export function iconButton(iconName, name, onclick, extra = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": name, title: name, onclick, ...extra }, icon(iconName));
}

/** A button that copies what `read()` gives and says so with a tick. */
export function copyButton(name, read) {
  const button = iconButton("copy", name, async () => {
    if (!(await copyText(read()))) return;
    button.replaceChildren(icon("check"));
    button.setAttribute("aria-label", gettext("Copied"));
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.setAttribute("aria-label", name);
    }, DONE_MS);
  });
  return button;
}

/** The arrows between branches: "‹ 2 / 3 ›". `update({siblings, index})` hides them when there is one branch only. */
export function branchSwitch(choose) {
  let shown = { siblings: [], index: 0 };
  const step = (by) => choose(shown.siblings[shown.index + by]);
  const back = iconButton("chevron_left", gettext("Previous branch"), () => step(-1));
  const forth = iconButton("chevron_right", gettext("Next branch"), () => step(1));
  const place = h("span", { class: "branch-place" });
  const element = h("span", { class: "branches", role: "group", "aria-label": gettext("Branches") }, back, place, forth);
  return {
    element,
    update(next) {
      shown = next;
      element.hidden = next.siblings.length < 2;
      place.textContent = `${next.index + 1} / ${next.siblings.length}`;
      back.disabled = next.index === 0;
      forth.disabled = next.index >= next.siblings.length - 1;
    },
  };
}
