// Another reply by another model, with another preset, or several at once: chosen for this one time.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { openDialog } from "#chat/views/dialog";

const COUNTS = [1, 2, 3];

/** Opens the dialog; `ask({drafts, options})` is called with what was chosen, options as fields of a regenerate command. */
export function openAgainDialog({ actions, ask }) {
  const models = actions.models();
  const now = actions.choice();
  const model = h("select", { class: "field wide", id: "again-model" }, models.map(({ name }) => option(name)));
  const preset = h("select", { class: "field wide", id: "again-preset" });
  const description = h("p", { class: "hint" });
  const chosenModel = () => models.find(({ name }) => name === model.value);
  const presets = () => chosenModel()?.parameter_configs ?? [];

  const drawPresets = (wanted) => {
    preset.replaceChildren(...presets().map(({ name }) => option(name)));
    if (wanted) preset.value = wanted;
    preset.disabled = presets().length === 0;
    drawDescription();
  };
  const drawDescription = () => {
    const told = [chosenModel()?.description, presets().find(({ name }) => name === preset.value)?.description];
    description.textContent = told.filter(Boolean).join(" · ");
  };
  model.addEventListener("change", () => drawPresets(null));
  preset.addEventListener("change", drawDescription);
  model.value = now.model_config_name ?? models[0]?.name ?? "";
  drawPresets(presets().find(({ sampling_parameters }) => isSame(sampling_parameters, now.sampling_parameters))?.name);

  const submit = (event) => {
    event.preventDefault();
    const sampling = presets().find(({ name }) => name === preset.value)?.sampling_parameters;
    const options = { ...now, model_config_name: model.value, ...(sampling ? { sampling_parameters: sampling } : {}) };
    const drafts = Number(new FormData(event.target).get("drafts"));
    dialog.close();
    ask({ drafts, options });
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

function option(name) {
  return h("option", { value: name }, name);
}

function isSame(one, other = {}) {
  return Object.keys(one).every((name) => (one[name] ?? null) === (other[name] ?? null));
}
