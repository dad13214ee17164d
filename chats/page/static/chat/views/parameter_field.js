// One parameter: its field, its slider where one helps, what it does, and what is wrong with what was typed.

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { NAMES, read, ruleFor, write } from "#chat/settings/parameters";
import { explanationOf, problemWords, rangeOf, titleOf } from "#chat/settings/words";
import { field } from "#chat/views/fields";

/** The fields of all parameters, in order. `model()` is the chosen one; `change(name, value)` is told every allowed value. */
export function parameterFields({ id, model, change }) {
  return NAMES.map((name) => parameterField({ id: `${id}-${name}`, name, model, change }));
}

/** {element, name, update(value), isRight}. */
function parameterField({ id, name, model, change }) {
  const input = h("input", {
    type: "text",
    class: "input number",
    inputmode: ruleFor(name).kind === "integer" ? "numeric" : "decimal",
    autocomplete: "off",
    placeholder: name === "seed" ? gettext("drawn anew") : gettext("off"),
  });
  const slider = ruleFor(name).slider && h("input", { type: "range", class: "slider", "aria-label": titleOf(name), tabindex: "-1" });
  const made = field({ id, label: titleOf(name), input, shown: h("div", { class: "number-row" }, slider, input) });

  let isRight = true;
  const complain = (text) => {
    made.complain(text);
    isRight = text === "";
  };
  const showOnSlider = (value) => {
    if (!slider) return;
    const [from, to, step] = ruleFor(name, model()).slider;
    Object.assign(slider, { min: from, max: to, step });
    slider.value = value ?? from;
    setAttribute(slider, "data-off", value === null);
  };
  input.addEventListener("input", () => {
    const found = read(name, input.value, model());
    complain(found.problem ? problemWords(found) : "");
    if (found.problem) return;
    showOnSlider(found.value);
    change(name, found.value);
  });
  slider?.addEventListener("input", () => {
    input.value = slider.value;
    input.dispatchEvent(new Event("input"));
  });
  return {
    name,
    element: made.element,
    get isRight() {
      return isRight;
    },
    update(value) {
      input.value = write(value);
      made.help.replaceChildren(explanationOf(name), " ", h("span", { class: "entry-range" }, rangeOf(name, ruleFor(name, model()))));
      complain("");
      showOnSlider(value);
    },
  };
}
