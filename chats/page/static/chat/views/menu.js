// A small menu that opens at its button: a popover, so that Escape and a click elsewhere close it.

import { h } from "#chat/dom";
import { icon } from "#chat/icons";

const GAP_PX = 4;
const EDGE_PX = 8;

/**
 * Opens a menu at `button` with items {name, icon, run, danger}, or {name, icon, href} for a file to be downloaded,
 * or {name, checked, run} for one of several. Focus goes to the first item and back
 * to the button.
 */
export function openMenu(button, items) {
  const menu = h(
    "div",
    { class: "menu", role: "menu", popover: "auto" },
    items.map((item) => makeItem(item, () => menu.hidePopover())),
  );
  menu.addEventListener("keydown", (event) => moveFocus(menu, event));
  menu.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    button.removeAttribute("data-open");
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    menu.remove();
  });
  button.after(menu);
  button.setAttribute("data-open", "");
  button.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, button);
  (menu.querySelector("[aria-checked=true]") ?? itemsOf(menu)[0]).focus();
}

function makeItem(item, close) {
  const run = () => {
    close();
    item.run?.();
  };
  const isChoice = item.checked !== undefined;
  const properties = {
    role: isChoice ? "menuitemradio" : "menuitem",
    "aria-checked": isChoice ? String(item.checked) : null,
    class: item.danger ? "danger" : null,
    onclick: run,
  };
  const content = [icon(item.icon ?? "check"), item.name];
  if (item.href) return h("a", { ...properties, href: item.href, download: "" }, content);
  return h("button", { ...properties, type: "button" }, content);
}

function itemsOf(menu) {
  return [...menu.querySelectorAll("[role^=menuitem]")];
}

function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + GAP_PX + height < innerHeight;
  menu.style.top = `${below ? at.bottom + GAP_PX : at.top - GAP_PX - height}px`;
  menu.style.left = `${Math.max(EDGE_PX, Math.min(at.right - width, innerWidth - width - EDGE_PX))}px`;
}

function moveFocus(menu, event) {
  const buttons = itemsOf(menu);
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  buttons[(to + buttons.length) % buttons.length].focus();
}
