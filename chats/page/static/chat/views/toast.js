// One short notice at a time, with an action where there is something to undo.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";

const SHOWN_MS = 7000;

export function mountToast({ store, actions }) {
  const place = document.getElementById("toast");
  let shown = null;
  let timer = null;

  store.watch(({ notice }) => {
    if (notice === shown) return;
    shown = notice;
    clearTimeout(timer);
    place.replaceChildren();
    if (!notice) return;
    place.append(
      h(
        "div",
        { class: "toast" },
        h("span", {}, notice.text),
        notice.action && h("button", { type: "button", class: "toast-action", onclick: notice.action.run }, notice.action.name),
        h(
          "button",
          { type: "button", class: "icon-button", "aria-label": gettext("Dismiss"), onclick: () => actions.list.dismissNotice() },
          icon("close"),
        ),
      ),
    );
    timer = setTimeout(() => actions.list.dismissNotice(), SHOWN_MS);
  });
}
