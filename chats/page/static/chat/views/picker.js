// Which model answers next, with which preset and which parameters of one's own. Remembered for the next visit.

import { h, setAttribute } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { icon } from "#chat/icons";
import { keep, recall } from "#chat/kept";
import { chosenModel, chosenPreset, keyOfOwn, presetsFor } from "#chat/settings/choosing";
import { asFields, changed, merged } from "#chat/settings/parameters";
import { mountChoicePanel } from "#chat/views/choice_panel";
import { modelFacts } from "#chat/views/model_facts";
import { makeParametersDialog } from "#chat/views/parameters_dialog";

const FILTERED_FROM = 8; // so many models are seen at a glance
const REFRESH_MS = 4000; // how well models are served is looked up so often while the list is open

/**
 * Mounts both pickers; `choice()` gives their fields of a prompt or regenerate command, null while it is not known yet what there is
 * to choose from; `onKnown` is called once it is.
 */
export function mountPicker({ store, settings, onKnown }) {
  let modelName = recall("model");
  let presetKeys = recall("presets", {}); // {model name: key of a preset}
  let changes = recall("parameters", {}); // {model name: {parameter: value}}: what differs from the preset
  let drawn = [];
  let timer = null;
  let dialog = null;
  const facts = new Map(); // model name -> its line of facts

  const model = () => chosenModel(store.state.models.items, modelName, store.state.availability.items);
  const presets = () => presetsFor(model(), store.state.presets);
  const preset = () => chosenPreset(presets(), presetKeys[model()?.name]);
  const ownChanges = () => changes[model()?.name] ?? {};
  const values = () => merged(preset(), ownChanges(), model());
  const isChanged = () => Object.keys(ownChanges()).length > 0;

  const drawModels = mountPanel("model", gettext("Model"), {
    onopen() {
      draw(); // sorted anew; while one looks, only what is told of each changes
      settings.loadAvailability();
      timer = setInterval(() => settings.loadAvailability(), REFRESH_MS);
    },
    onclose: () => clearInterval(timer),
  });
  const drawPresets = mountPanel("preset", gettext("Preset"), { onopen: () => settings.loadPresets() });

  const draw = () => {
    const models = store.state.models.items;
    const options = models.map((each) => {
      const line = modelFacts(each);
      facts.set(each.name, line);
      return { key: each.name, name: each.name, description: each.description, facts: line.element };
    });
    const { items } = store.state.availability;
    const isServed = ({ key }) => items[key]?.workers > 0 && !items[key].paused;
    const [served, others] = [options.filter(isServed), options.filter((option) => !isServed(option))];
    drawModels({
      groups: [
        { title: gettext("Ready now"), options: served },
        { title: served.length > 0 ? gettext("Not served now") : gettext("Model"), options: others },
      ],
      chosen: model()?.name,
      label: model()?.name,
      choose: chooseModel,
      filter: options.length > FILTERED_FROM ? gettext("Find a model") : null,
    });
    drawServed();
    drawPresetPanel();
  };
  const drawServed = () => {
    const { items } = store.state.availability;
    for (const [name, line] of facts) line.update(items[name]);
    const now = items[model()?.name];
    setAttribute(document.getElementById("model-button"), "data-away", now !== undefined && (now.workers === 0 || now.paused));
  };
  const drawPresetPanel = () => {
    const all = presets();
    const label = preset()?.name ?? gettext("Parameters");
    drawPresets({
      groups: [
        { title: gettext("Preset"), options: all.filter(({ id }) => id === null) },
        { title: gettext("Your presets"), options: all.filter(({ id }) => id !== null) },
      ],
      chosen: preset()?.key,
      label: isChanged() ? interpolate(gettext("%(preset)s, changed"), { preset: label }) : label,
      choose: choosePreset,
      foot: [
        h("button", { type: "button", class: "panel-action", onclick: openParameters }, icon("sliders"), gettext("Parameters…")),
      ],
    });
    setAttribute(document.getElementById("preset-button"), "hidden", model() === undefined);
  };

  const chooseModel = (name) => {
    modelName = name;
    keep("model", name);
    draw();
  };
  const choosePreset = (key) => {
    presetKeys = { ...presetKeys, [model().name]: key };
    keep("presets", presetKeys);
    setChanges({});
  };
  const setChanges = (next) => {
    const { [model().name]: _before, ...others } = changes;
    changes = Object.keys(next).length > 0 ? { ...others, [model().name]: next } : others;
    keep("parameters", changes);
    drawPresetPanel();
  };

  const openParameters = () => {
    if (!model()) return;
    document.getElementById("preset-panel").hidePopover();
    dialog ??= makeParametersDialog({
      current: () => ({ model: model(), preset: preset(), values: values(), isChanged: isChanged() }),
      change: (name, value) => setChanges(changed(ownChanges(), name, value, preset(), model())),
      reset: () => setChanges({}),
      async save(name, id = null) {
        const saved = await settings.savePreset({ id, name, ...asFields(values()) });
        choosePreset(keyOfOwn(saved.id));
      },
    });
    dialog.open();
  };

  /** A newcomer's model is one that is served, so that has to be known too. */
  const isKnown = () => {
    const { models, presetsStatus, availability } = store.state;
    const waits = [models.status, presetsStatus, modelName === null ? availability.status : "ready"];
    return !waits.includes("loading");
  };

  store.watch(({ models, presets: own, availability }) => {
    if (!isKnown()) return;
    const isFirst = drawn.length === 0;
    if (isFirst || models !== drawn[0] || own !== drawn[1]) draw();
    else if (availability !== drawn[2]) drawServed();
    drawn = [models, own, availability];
    if (isFirst) onKnown();
  });

  return {
    choice() {
      if (!isKnown()) return null;
      const { sampling_parameters, seed } = asFields(values());
      const name = model()?.name ?? modelName;
      return { model_config_name: name, ...(model() ? { sampling_parameters } : {}), ...(seed === null ? {} : { seed }) };
    },
    openParameters,
  };
}

function mountPanel(name, title, events) {
  return mountChoicePanel({
    button: document.getElementById(`${name}-button`),
    panel: document.getElementById(`${name}-panel`),
    title,
    ...events,
  });
}
