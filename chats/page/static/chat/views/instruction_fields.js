// The three texts that a model is told before the messages: for one chat, or as a default for new ones.

import { gettext } from "#chat/gettext";
import { textField } from "#chat/views/fields";

export const MOST = 10_000; // chats/models/instructions.py

/** {elements, fields: {name: field}, read(), write(facts), check()}; `id` begins the ids of the fields. */
export function instructionFields(id) {
  const make = (name, label, hint, placeholder) => textField({ id: `${id}-${name}`, label, hint, placeholder, most: MOST });
  const fields = {
    system_prompt: make(
      "system_prompt",
      gettext("System prompt"),
      gettext("What the model is and how it shall behave. It stands before everything else."),
      gettext("You are a patient teacher of mathematics…"),
    ),
    user_profile: make(
      "user_profile",
      gettext("About you"),
      gettext("What the model should know of you."),
      gettext("I am a nurse and know some statistics…"),
    ),
    user_response_instructions: make(
      "user_response_instructions",
      gettext("How to answer"),
      gettext("How you would like to be answered."),
      gettext("Short, with examples, in metric units…"),
    ),
  };
  const each = Object.entries(fields);
  return {
    fields,
    elements: each.map(([, { element }]) => element),
    read: () => Object.fromEntries(each.map(([name, { input }]) => [name, input.value.trim()])),
    write(facts) {
      for (const [name, { input, check }] of each) {
        input.value = facts[name] ?? "";
        check();
      }
    },
    check: () => each.map(([, { check }]) => check()).every(Boolean),
  };
}
