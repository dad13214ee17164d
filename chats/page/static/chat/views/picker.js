// Which model answers next, and with which preset of sampling parameters. Remembered for the next visit.

import { gettext } from "#chat/gettext";
import { keep, recall } from "#chat/kept";
import { mountChoicePanel } from "#chat/views/choice_panel";

/** Mounts both pickers; `choice()` gives their fields of a prompt or regenerate command. */
export function mountPicker({ store }) {
  const drawModels = mountPanel("model", gettext("Model"));
  const drawPresets = mountPanel("preset", gettext("Preset"));
  let modelName = recall("model");
  let presets = recall("presets", {}); // {model name: preset name}
  let drawn = null;

  const models = () => store.state.models.items;
  const model = () => models().find(({ name }) => name === modelName) ?? models()[0];
  const preset = () => {
    const all = model()?.parameter_configs ?? [];
    return all.find(({ name }) => name === presets[model().name]) ?? all[0];
  };

  const draw = () => {
    drawModels({ options: models(), chosen: model()?.name, choose: chooseModel });
    drawPresets({ options: model()?.parameter_configs ?? [], chosen: preset()?.name, choose: choosePreset });
  };
  const chooseModel = (name) => {
    modelName = name;
    keep("model", name);
    redraw("model");
  };
  const choosePreset = (name) => {
    presets = { ...presets, [model().name]: name };
    keep("presets", presets);
    redraw("preset");
  };
  /** The panel in use keeps its focus although its rows are new. */
  const redraw = (name) => {
    draw();
    document.querySelector(`#${name}-panel input:checked`)?.focus();
  };

  store.watch((state) => {
    if (state.models === drawn) return;
    drawn = state.models;
    draw();
  });

  return {
    choice() {
      const sampling = preset()?.sampling_parameters;
      return { model_config_name: model()?.name ?? modelName, ...(sampling ? { sampling_parameters: sampling } : {}) };
    },
  };
}

function mountPanel(name, title) {
  return mountChoicePanel({
    button: document.getElementById(`${name}-button`),
    panel: document.getElementById(`${name}-panel`),
    title,
  });
}
