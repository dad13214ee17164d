// How many replies the next prompt asks for: a small button beside "send" that says so when it is more than one.

import { h } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { icon } from "#chat/icons";
import { openMenu } from "#chat/views/menu";

const COUNTS = [1, 2, 3];

/** Mounts the choice at `button`; `count()` is what is chosen. It holds until the page is left: several cost several times. */
export function mountDraftsChoice(button) {
  let chosen = 1;
  const names = { 1: gettext("One reply"), 2: gettext("Two side by side"), 3: gettext("Three side by side") };
  const draw = () => {
    button.replaceChildren(icon("columns"), chosen > 1 ? h("span", {}, interpolate("%(n)s×", { n: chosen })) : "");
    button.classList.toggle("chosen", chosen > 1);
    const name = `${gettext("Replies at once")}: ${chosen}`;
    button.setAttribute("aria-label", name);
    button.title = name;
  };
  const choose = (count) => {
    chosen = count;
    draw();
  };
  button.addEventListener("click", () =>
    openMenu(
      button,
      COUNTS.map((count) => ({ name: names[count], checked: count === chosen, run: () => choose(count) })),
    ),
  );
  draw();
  button.hidden = false;
  return { count: () => chosen };
}
