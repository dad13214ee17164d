// What stands over this chat: its instructions and data use, in a dialog, and in the header a hint while there are any.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { factsInForce, factsKnown, hasInstructions } from "#chat/settings/facts";
import { makeDialog } from "#chat/views/dialog";
import { checkField, outcome, submitting } from "#chat/views/fields";
import { instructionFields } from "#chat/views/instruction_fields";

/** Mounts the header's button `#chat-facts`; `openDefaults()` shows the settings for new chats. */
export function mountChatFacts({ store, settings, openDefaults }) {
  const button = document.getElementById("chat-facts");
  const label = button.querySelector(".chat-facts-label");
  let dialog = null;
  button.addEventListener("click", () => {
    dialog ??= makeChatDialog({ store, settings, openDefaults });
    dialog.open();
  });
  store.watch((state) => {
    const inForce = hasInstructions(factsInForce(state));
    setAttribute(button, "hidden", !factsKnown(state));
    setAttribute(button, "data-in-force", inForce);
    setText(label, inForce ? gettext("Instructions") : "");
    const name = inForce ? gettext("Instructions are in force in this chat") : gettext("Instructions for this chat");
    setAttribute(button, "aria-label", name);
    setAttribute(button, "title", name);
  });
}

function makeChatDialog({ store, settings, openDefaults }) {
  const texts = instructionFields("chat");
  const consent = checkField({
    id: "chat-allow_data_use",
    label: gettext("This chat may be used to improve models"),
    hint: gettext("Only as far as those who run this service do so. It can be withdrawn at any time."),
  });
  const result = outcome();
  const save = h("button", { type: "submit", class: "button primary" }, gettext("Save"));
  const note = h("p", { class: "sheet-note" });
  const defaults = h(
    "button",
    {
      type: "button",
      class: "link",
      onclick: () => {
        dialog.close();
        openDefaults();
      },
    },
    gettext("Defaults for new chats"),
  );
  const form = h("form", { class: "form", novalidate: true }, note, texts.elements, consent.element);
  form.id = "chat-facts-form";
  save.setAttribute("form", form.id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!texts.check()) return;
    const facts = { ...texts.read(), allow_data_use: consent.input.checked };
    if (await submitting({ button: save, result, fields: texts.fields, work: () => settings.saveFacts(facts) })) dialog.close();
  });
  const foot = h("div", { class: "sheet-foot" }, defaults, result.element, save);
  const dialog = makeDialog({ title: gettext("This chat"), kind: "sheet", content: [h("div", { class: "sheet-body" }, form), foot] });
  return {
    open() {
      const facts = factsInForce(store.state);
      texts.write(facts);
      consent.input.checked = facts.allow_data_use;
      result.say("");
      setText(
        note,
        store.state.chat
          ? gettext("The model reads this before your messages, from the next reply on.")
          : gettext("For the chat that you are about to begin. The model reads this before your messages."),
      );
      dialog.open();
    },
  };
}
