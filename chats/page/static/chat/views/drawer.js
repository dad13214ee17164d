// Folds the sidebar away: beside the thread (remembered), or as a drawer over it on a narrow screen.

import { setAttribute } from "#chat/dom";
import { keep, recall } from "#chat/kept";

/** Returns {close()}, which closes the drawer of a narrow screen and leaves a wide one's sidebar alone. */
export function mountDrawer() {
  const page = document.getElementById("page");
  const main = document.getElementById("main");
  const sidebar = document.getElementById("sidebar");
  const openers = document.querySelectorAll("[data-toggles-sidebar]");
  const narrow = matchMedia("(max-width: 760px)");
  let open = false;

  const draw = () => {
    setAttribute(page, "data-sidebar", open ? "open" : "closed");
    setAttribute(sidebar, "inert", !open);
    setAttribute(main, "inert", open && narrow.matches);
    openers.forEach((opener) => setAttribute(opener, "aria-expanded", String(open)));
  };
  const set = (value) => {
    open = value;
    if (!narrow.matches) keep("sidebar", value ? null : "closed");
    draw();
  };
  const reset = () => {
    open = !narrow.matches && recall("sidebar") !== "closed";
    draw();
  };
  openers.forEach((opener) =>
    opener.addEventListener("click", () => {
      set(!open);
      const other = open ? sidebar : main;
      other.querySelector("[data-toggles-sidebar]")?.focus();
    }),
  );
  document.getElementById("backdrop").addEventListener("click", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && narrow.matches && !document.querySelector(":popover-open")) set(false);
  });
  narrow.addEventListener("change", reset);
  reset();
  return { close: () => narrow.matches && set(false) };
}
