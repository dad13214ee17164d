// The account: take everything along, and delete everything, after typing one's name.

import { h } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { field, outcome, submitting } from "#chat/views/fields";

export function makeAccount({ settings }) {
  const name = settings.userName;
  const exporting = h(
    "section",
    { class: "entry" },
    h("h3", {}, gettext("Take everything along")),
    h("p", { class: "entry-hint" }, gettext("One JSON file with your settings, presets, usage and all chats with all of their branches. Each chat in it can be imported again.")),
    h("a", { class: "button", href: settings.exportAddress, download: "" }, gettext("Export everything")),
  );
  const confirm = field({
    id: "delete-confirm",
    label: interpolate(gettext("Type “%(name)s” to confirm"), { name }),
    input: h("input", { type: "text", class: "input", autocomplete: "off", spellcheck: "false", autocapitalize: "off" }),
  });
  const result = outcome();
  const button = h("button", { type: "submit", class: "button danger" }, gettext("Delete my account"));
  const matches = () => confirm.input.value.trim() === name;
  const form = h(
    "form",
    { class: "form boxed danger-zone", novalidate: true },
    h("h3", {}, gettext("Delete the account")),
    h(
      "p",
      { class: "entry-hint" },
      gettext("This deletes, at once and for good: all chats with their messages, links to shared chats, presets and settings, API keys, usage, and the account itself. What is being written for you is stopped. Nobody can bring it back."),
    ),
    confirm.element,
    button,
    result.element,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!matches()) {
      confirm.complain(interpolate(gettext("Type “%(name)s”, as it stands here."), { name }));
      confirm.input.focus();
      return undefined;
    }
    return submitting({ button, result, work: () => settings.deleteAccount() });
  });
  return {
    element: h("div", { class: "form" }, h("p", { class: "sheet-note" }, interpolate(gettext("You are logged in as %(name)s."), { name })), exporting, form),
    show() {
      confirm.input.value = "";
      confirm.complain("");
      result.say("");
    },
  };
}
