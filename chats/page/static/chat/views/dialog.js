// A modal dialog: the browser's own, so that focus stays in it, Escape closes it, and focus goes back where it was.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { iconButton } from "#chat/views/buttons";

let opened = 0;

/** Opens a dialog with `content` under its title. Returns {element, close()}; `onClose` is told in any case. */
export function openDialog({ title, content, onClose = () => {} }) {
  opened += 1;
  const id = `dialog-title-${opened}`;
  const close = () => element.close();
  const element = h(
    "dialog",
    { class: "dialog", "aria-labelledby": id },
    h("header", { class: "dialog-head" }, h("h2", { id }, title), iconButton("close", gettext("Close"), close)),
    content,
  );
  element.addEventListener("close", () => {
    element.remove();
    onClose();
  });
  element.addEventListener("pointerdown", (event) => {
    if (event.target === element && isOutside(element, event)) close();
  });
  document.body.append(element);
  element.showModal();
  return { element, close };
}

/** On the veil around the dialog, which belongs to the dialog too. */
function isOutside(element, { clientX, clientY }) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
