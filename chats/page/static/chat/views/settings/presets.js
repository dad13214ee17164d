// One's own presets: what they hold, another name, and away with them.

import { h } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { PARAMETERS } from "#chat/settings/parameters";
import { titleOf } from "#chat/settings/words";
import { field, outcome, submitting } from "#chat/views/fields";
import { nothing, row, twiceButton } from "#chat/views/settings/rows";

export function makePresets({ store, settings, openParameters }) {
  const list = h("ul", { class: "setting-list" });
  const result = outcome();
  const note = h("p", { class: "sheet-note" }, gettext("Parameters of your own under a name, for any model."));
  const fresh = h("button", { type: "button", class: "button", onclick: openParameters }, gettext("Make one from the parameters in force…"));
  let drawn = null;

  const draw = () => {
    drawn = store.state.presets;
    const rows = drawn.map((preset) => presetRow({ preset, settings, result }));
    if (rows.length === 0 && store.state.presetsStatus === "ready") rows.push(nothing(gettext("You have no presets yet.")));
    list.replaceChildren(...rows);
  };
  store.watch((state) => list.isConnected && state.presets !== drawn && draw());
  return {
    element: h("div", { class: "form" }, note, list, fresh, result.element),
    async show() {
      result.say("");
      draw();
      result.complain((await settings.loadPresets())?.message ?? "");
    },
  };
}

function presetRow({ preset, settings, result }) {
  const away = twiceButton({
    name: gettext("Delete"),
    again: gettext("Really delete?"),
    label: interpolate(gettext("Delete %(name)s"), { name: preset.name }),
    act: () => settings.deletePreset(preset.id).catch((error) => result.complain(error.message)),
  });
  const rename = h(
    "button",
    { type: "button", class: "button small", "aria-label": interpolate(gettext("Rename %(name)s"), preset), onclick: () => edit() },
    gettext("Rename"),
  );
  const element = row({ name: preset.name, facts: factsOf(preset), actions: [rename, away] });

  const edit = () => {
    const input = h("input", { type: "text", class: "input", maxlength: 60, autocomplete: "off" });
    input.value = preset.name;
    const name = field({ id: `rename-${preset.id}`, label: gettext("Name"), input });
    const save = h("button", { type: "submit", class: "button small primary" }, gettext("Save"));
    const stop = h("button", { type: "button", class: "button small", onclick: () => end() }, gettext("Cancel"));
    const form = h("form", { class: "setting-row keep-form", novalidate: true }, name.element, save, stop);
    const item = h("li", {}, form);
    const end = () => {
      item.replaceWith(element);
      rename.focus();
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const work = () => settings.savePreset({ id: preset.id, name: input.value });
      if (await submitting({ button: save, result, fields: { name }, work })) result.say(gettext("Saved."));
    });
    element.replaceWith(item);
    input.focus();
    input.select();
  };
  return element;
}

function factsOf({ sampling_parameters, seed }) {
  const values = { ...sampling_parameters, seed };
  return Object.keys(PARAMETERS)
    .filter((name) => values[name] !== null && values[name] !== undefined)
    .map((name) => `${titleOf(name)} ${values[name]}`);
}
