// One rule per thing that is chosen or set on the page: (state, event) -> state. Pure; part of the reducer.

export const settingsRules = {
  availability_loaded(state, event) {
    const items = Object.fromEntries(event.availability.map((each) => [each.name, each]));
    return { ...state, availability: { items, status: "ready" } };
  },

  /** How well the models are served is not known now. */
  availability_failed: (state) => ({ ...state, availability: { items: {}, status: "failed" } }),

  presets_loaded: (state, event) => ({ ...state, presets: byName(event.presets), presetsStatus: "ready" }),

  /** Those that are known stay. */
  presets_failed: (state) => ({ ...state, presetsStatus: state.presetsStatus === "loading" ? "failed" : state.presetsStatus }),

  /** A preset as it was stored: a new one, or a changed one. */
  preset_saved(state, { preset }) {
    return { ...state, presets: byName([...state.presets.filter(({ id }) => id !== preset.id), preset]) };
  },

  preset_deleted: (state, event) => ({ ...state, presets: state.presets.filter(({ id }) => id !== event.id) }),

  preferences_loaded: (state, event) => ({ ...state, preferences: event.preferences }),

  /** What the next new chat shall begin with, beside the preferences. */
  new_chat_facts: (state, event) => ({ ...state, newChat: event.facts }),
};

function byName(presets) {
  return [...presets].sort((a, b) => a.name.localeCompare(b.name));
}
