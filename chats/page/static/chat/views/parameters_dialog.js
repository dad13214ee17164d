// All sampling parameters of the next reply: what each does, within its range, kept at once; and how to keep them as a preset.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { makeDialog } from "#chat/views/dialog";
import { field, outcome, submitting } from "#chat/views/fields";
import { parameterFields } from "#chat/views/parameter_field";

const NAME_LENGTH = 60; // chats/models/preferences.py

/**
 * `current()`: {model, preset, values, isChanged}. `change(name, value)` and `reset()` take effect at once; `save(name, id)` keeps the
 * values as a preset, with an id as that one, and raises what the server refuses.
 */
export function makeParametersDialog({ current, change, reset, save }) {
  const note = h("p", { class: "sheet-note" });
  const fields = parameterFields({
    id: "parameter",
    model: () => current().model,
    change(name, value) {
      change(name, value);
      drawFoot();
    },
  });
  const back = h("button", { type: "button", class: "button", onclick: () => (reset(), draw()) }, gettext("Reset to preset"));
  const name = field({
    id: "preset-name",
    label: gettext("Keep as a preset"),
    input: h("input", { type: "text", class: "input", maxlength: NAME_LENGTH, autocomplete: "off", placeholder: gettext("Name") }),
  });
  const result = outcome();
  const keepNew = h("button", { type: "submit", class: "button primary" }, gettext("Save"));
  const keepSame = h("button", { type: "button", class: "button", hidden: true });

  const keepIt = async (button, words, id) => {
    if (fields.some(({ isRight }) => !isRight)) return result.complain(gettext("Mend the fields above first."));
    const saved = await submitting({ button, result, fields: { name }, work: () => save(words, id) });
    if (!saved) return undefined;
    name.input.value = "";
    draw();
    return result.say(gettext("Saved."));
  };
  const form = h("form", { class: "keep-form", novalidate: true }, name.element, keepNew);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = name.input.value.trim();
    if (words === "") return name.complain(gettext("Give it a name."));
    return keepIt(keepNew, words, null);
  });
  keepSame.addEventListener("click", () => keepIt(keepSame, current().preset.name, current().preset.id));

  const drawFoot = () => {
    const { preset, isChanged } = current();
    setAttribute(back, "disabled", !isChanged);
    setAttribute(keepSame, "hidden", !isChanged || !preset?.id);
    setText(keepSame, interpolate(gettext("Save in “%(name)s”"), { name: preset?.name ?? "" }));
  };
  const draw = () => {
    const { model, preset, values } = current();
    setText(
      note,
      preset
        ? interpolate(gettext("For the next replies of %(model)s. You began with the preset “%(preset)s”."), { model: model.name, preset: preset.name })
        : interpolate(gettext("For the next replies of %(model)s."), { model: model?.name ?? "" }),
    );
    fields.forEach((each) => each.update(values[each.name]));
    name.complain("");
    result.say("");
    drawFoot();
  };
  const body = h("div", { class: "sheet-body" }, h("div", { class: "form" }, note, fields.map(({ element }) => element)));
  const foot = h("div", { class: "sheet-foot" }, h("div", { class: "foot-row" }, back, keepSame), form, result.element);
  const dialog = makeDialog({ title: gettext("Parameters"), kind: "sheet side", content: [body, foot] });
  return {
    open() {
      draw();
      dialog.open();
    },
  };
}
