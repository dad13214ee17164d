// Where a reply came from: a button, and the facts that it unfolds. What only the server knows is asked for when one looks.

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { provenance } from "#chat/provenance";
import { iconButton } from "#chat/views/buttons";

/** `{button, element, update(message)}`; the element is hidden until the button is pressed. */
export function makeFacts({ actions }) {
  let message = null;
  let details = null;
  let asked = null; // the message whose details were asked for
  const element = h("dl", { class: "facts", hidden: true });
  const button = iconButton("info", gettext("Where this reply came from"), () => toggle(), { "aria-expanded": "false" });

  const draw = () => {
    const facts = provenance(message, details);
    element.replaceChildren(...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  };
  const ask = async () => {
    if (asked === message) return;
    const mine = (asked = message);
    const answer = await actions.provenance(message);
    if (asked !== mine || answer === null) return;
    details = answer;
    draw();
  };
  const toggle = () => {
    element.hidden = !element.hidden;
    setAttribute(button, "aria-expanded", String(!element.hidden));
    if (element.hidden) return;
    draw();
    ask();
  };
  return {
    button,
    element,
    update(next) {
      if (next === message) return;
      message = next;
      if (element.hidden) return;
      draw();
      ask();
    },
  };
}
