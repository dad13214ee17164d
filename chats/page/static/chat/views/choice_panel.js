// A button that shows what is chosen and opens a panel to choose another: a popover of radio buttons, so that arrow keys,
// Escape and a click elsewhere do what they do everywhere.

import { h, setAttribute, setText } from "#chat/dom";
import { icon } from "#chat/icons";

const GAP_PX = 8;

/**
 * `button` and `panel` are connected by popovertarget; `title` names the choice.
 * Returns draw({options: [{name, description}], chosen, choose(name)}); without options the button is hidden.
 */
export function mountChoicePanel({ button, panel, title }) {
  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open") return;
    const at = button.getBoundingClientRect();
    panel.style.setProperty("--left", `${at.left}px`);
    panel.style.setProperty("--bottom", `${innerHeight - at.top + GAP_PX}px`);
  });
  panel.addEventListener("toggle", ({ newState }) => {
    setAttribute(button, "aria-expanded", String(newState === "open"));
    if (newState === "open") panel.querySelector("input:checked")?.focus();
  });

  return function draw({ options, chosen, choose }) {
    setAttribute(button, "hidden", options.length === 0);
    setText(button.querySelector(".picker-label"), chosen ?? "");
    setAttribute(button, "aria-label", `${title}: ${chosen}`);
    const rows = options.map((option, index) => choiceRow({ option, id: `${panel.id}-${index}`, group: panel.id, chosen, choose }));
    panel.replaceChildren(h("fieldset", { class: "choices" }, h("legend", {}, title), rows));
  };
}

function choiceRow({ option, id, group, chosen, choose }) {
  const input = h("input", { type: "radio", name: group, id, value: option.name, onchange: () => choose(option.name) });
  input.checked = option.name === chosen;
  return h(
    "label",
    { class: "choice", for: id },
    input,
    h(
      "span",
      { class: "choice-text" },
      h("span", { class: "choice-name" }, option.name),
      option.description && h("small", {}, option.description),
    ),
    h("span", { class: "choice-mark" }, icon("check")),
  );
}
