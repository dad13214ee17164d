// General settings: how this browser shows the page, and whether new chats may be used to improve models.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { lookOf, setLook } from "#chat/looks";
import { checkField, outcome, segments } from "#chat/views/fields";

/** The languages as the server offers them, null when there is only one: choosing one loads the page anew; drafts are kept. */
function languages() {
  const choice = document.getElementById("languages").content.querySelector("form")?.cloneNode(true);
  return choice ? h("fieldset", { class: "entry" }, h("legend", {}, gettext("Language")), choice) : null;
}

export function makeGeneral({ store, settings }) {
  const theme = segments({
    id: "theme",
    label: gettext("Theme"),
    options: [
      ["system", gettext("As the system")],
      ["light", gettext("Light")],
      ["dark", gettext("Dark")],
    ],
    value: lookOf("theme"),
    choose: (value) => setLook("theme", value, settings.base),
  });
  const size = segments({
    id: "text-size",
    label: gettext("Size of letters"),
    options: [
      ["usual", gettext("Usual")],
      ["large", gettext("Large")],
      ["larger", gettext("Larger")],
    ],
    value: lookOf("text_size"),
    choose: (value) => setLook("text_size", value, settings.base),
    hint: gettext("Both are kept in this browser alone."),
  });
  const consent = checkField({
    id: "allow_data_use",
    label: gettext("New chats may be used to improve models"),
    hint: gettext("Each chat can say otherwise. Chats that are there already stay as they are."),
  });
  const result = outcome();
  consent.input.addEventListener("change", async () => {
    const wanted = consent.input.checked;
    consent.input.disabled = true;
    try {
      await settings.savePreferences({ allow_data_use: wanted });
      result.say(gettext("Saved."));
    } catch (error) {
      consent.input.checked = !wanted;
      result.complain(error.message);
    } finally {
      consent.input.disabled = false;
      consent.input.focus();
    }
  });
  return {
    element: h("div", { class: "form" }, theme, size, languages(), consent.element, result.element),
    async show() {
      result.say("");
      consent.input.checked = store.state.preferences?.allow_data_use ?? true;
      result.complain((await settings.loadPreferences())?.message ?? "");
      consent.input.checked = store.state.preferences?.allow_data_use ?? true;
    },
  };
}
