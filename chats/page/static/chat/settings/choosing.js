// Which model and preset are in force, out of what there is and what somebody chose before. Pure.

const OWN = "own:";

/** Of the models: the wanted one; else the first that is served now, or the first of all. undefined while there is none. */
export function chosenModel(models, wanted, availability = {}) {
  return (
    models.find(({ name }) => name === wanted) ?? models.find(({ name }) => availability[name]?.workers > 0) ?? models[0]
  );
}

/** The presets for a model, the catalogue's first: {key, name, description, sampling_parameters, seed, id}; `id` of own ones. */
export function presetsFor(model, own = []) {
  const offered = (model?.parameter_configs ?? []).map((preset) => ({ ...preset, key: preset.name, seed: null, id: null }));
  return [...offered, ...own.map((preset) => ({ ...preset, key: OWN + preset.id, description: "" }))];
}

/** The preset of this key, else the first one; undefined where there are none. */
export function chosenPreset(presets, key) {
  return presets.find((preset) => preset.key === key) ?? presets[0];
}

/** The key of one's own preset. */
export function keyOfOwn(id) {
  return OWN + id;
}
