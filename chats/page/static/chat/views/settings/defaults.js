// The instructions with which new chats begin.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { outcome, submitting } from "#chat/views/fields";
import { instructionFields } from "#chat/views/instruction_fields";

export function makeDefaults({ store, settings }) {
  const texts = instructionFields("default");
  const result = outcome();
  const save = h("button", { type: "submit", class: "button primary" }, gettext("Save"));
  const note = h("p", { class: "sheet-note" }, gettext("Every new chat begins with these. Chats that are there already stay as they are."));
  const form = h("form", { class: "form", novalidate: true }, note, texts.elements, h("div", { class: "form-end" }, save, result.element));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!texts.check()) return;
    const work = () => settings.savePreferences(texts.read());
    if (await submitting({ button: save, result, fields: texts.fields, work })) result.say(gettext("Saved."));
  });
  const write = () => texts.write(store.state.preferences ?? {});
  return {
    element: form,
    async show() {
      result.say("");
      write();
      const before = JSON.stringify(texts.read());
      result.complain((await settings.loadPreferences())?.message ?? "");
      if (JSON.stringify(texts.read()) === before) write(); // nothing was typed meanwhile
    },
  };
}
