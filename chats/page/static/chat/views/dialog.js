// A modal dialog: the browser's own, so that focus stays in it, Escape closes it, and focus goes back where it was.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { iconButton } from "#chat/views/buttons";

let made = 0;

/** A dialog that may be opened again: {element, open(), close()}. `kind` is a further class; `onClose` is told in any case. */
export function makeDialog({ title, content, kind = "", onClose = () => {} }) {
  made += 1;
  const id = `dialog-title-${made}`;
  const close = () => element.close();
  const element = h(
    "dialog",
    { class: `dialog ${kind}`.trim(), "aria-labelledby": id },
    h("header", { class: "dialog-head" }, h("h2", { id }, title), iconButton("close", gettext("Close"), close)),
    content,
  );
  element.addEventListener("close", onClose);
  element.addEventListener("pointerdown", (event) => {
    if (event.target === element && isOutside(element, event)) close();
  });
  document.body.append(element);
  return { element, open: () => element.open || element.showModal(), close };
}

/** Opens a dialog with `content` under its title, for this once. Returns {element, close()}; `onClose` is told in any case. */
export function openDialog({ title, content, onClose = () => {} }) {
  const dialog = makeDialog({
    title,
    content,
    onClose() {
      dialog.element.remove();
      onClose();
    },
  });
  dialog.open();
  return dialog;
}

/** On the veil around the dialog, which belongs to the dialog too. */
function isOutside(element, { clientX, clientY }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
