// Another reply by another model, with another preset, or several at once: chosen for this one time.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { asFields, merged } from "#chat/settings/parameters";
import { openDialog } from "#chat/views/dialog";

const COUNTS = [1, 2, 3];
const AS_NOW = ""; // the key of no preset

/** Opens the dialog; `ask({drafts, options})` is called with what was chosen, options as fields of a regenerate command. */
export function openAgainDialog({ actions, ask }) {
  const models = actions.models();
  const now = actions.choice() ?? {};
  const model = h("select", { class: "field wide", id: "again-model" }, models.map(({ name }) => option(name, name)));
  const preset = h("select", { class: "field wide", id: "again-preset" });
  const description = h("p", { class: "hint" });
  const chosenModel = () => models.find(({ name }) => name === model.value);
  const presets = () => actions.presetsFor(chosenModel());
  const chosenPreset = () => presets().find(({ key }) => key === preset.value);
  const fields = (one) => asFields(merged(one, {}, chosenModel()));

  /** The presets of the chosen model; of the one that answers next, what is in force for it, changed or not, is offered first. */
  const drawPresets = () => {
    const isNow = model.value === now.model_config_name;
    const same = isNow && presets().find((one) => isSame(fields(one), now));
    const unchanged = isNow && !same ? [option(AS_NOW, gettext("As chosen now"))] : [];
    preset.replaceChildren(...unchanged, ...presets().map(({ key, name }) => option(key, name)));
    if (same) preset.value = same.key;
    preset.disabled = preset.options.length === 0;
    drawDescription();
  };
  const drawDescription = () => {
    description.textContent = [chosenModel()?.description, chosenPreset()?.description].filter(Boolean).join(" · ");
  };
  model.addEventListener("change", drawPresets);
  preset.addEventListener("change", drawDescription);
  model.value = now.model_config_name ?? models[0]?.name ?? "";
  drawPresets();

  const submit = (event) => {
    event.preventDefault();
    const { sampling_parameters, seed } = fields(chosenPreset());
    const chosen = { model_config_name: model.value, sampling_parameters, ...(seed === null ? {} : { seed }) };
    const drafts = Number(new FormData(event.target).get("drafts"));
    dialog.close();
    ask({ drafts, options: preset.value === AS_NOW ? now : chosen });
  };
  const counts = COUNTS.map((count) =>
    h("label", { class: "option" }, h("input", { type: "radio", name: "drafts", value: count, checked: count === 1 }), String(count)),
  );
  const content = h(
    "form",
    { class: "dialog-body", onsubmit: submit },
    h("label", { class: "label", for: "again-model" }, gettext("Model")),
    model,
    h("label", { class: "label", for: "again-preset" }, gettext("Preset")),
    preset,
    description,
    h("fieldset", { class: "options-in-line" }, h("legend", {}, gettext("Replies at once, side by side")), counts),
    h(
      "div",
      { class: "dialog-foot" },
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, gettext("Cancel")),
      h("button", { type: "submit", class: "button primary" }, gettext("Ask again")),
    ),
  );
  const dialog = openDialog({ title: gettext("Another reply"), content });
  model.focus();
}

function option(value, name) {
  return h("option", { value }, name);
}

/** Whether a preset's fields are those of a command. */
function isSame({ sampling_parameters, seed }, { sampling_parameters: others = {}, seed: other = null }) {
  const isEqual = (name) => (sampling_parameters[name] ?? null) === (others[name] ?? null);
  return seed === other && Object.keys(sampling_parameters).every(isEqual);
}
