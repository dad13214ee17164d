// Reports a reply to the people who run the service: why, and in one's own words.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { openDialog } from "#chat/views/dialog";

const LONGEST = 5000;

/** Opens the dialog for `message`. */
export function openReportDialog({ message, actions }) {
  const kinds = [
    ["feedback", gettext("It is wrong, or of no use")],
    ["offensive", gettext("It is offensive or harmful")],
    ["spam", gettext("It is spam")],
  ];
  const told = h("p", { class: "note error", role: "alert", hidden: true });
  const reason = h("textarea", { class: "field wide", id: "report-reason", rows: "4", maxlength: String(LONGEST), dir: "auto" });
  const send = h("button", { type: "submit", class: "button primary" }, gettext("Send the report"));
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      const type = new FormData(event.target).get("report_type");
      await actions.feedback.report(message, { type, reason: reason.value.trim() });
      dialog.close();
    } catch (error) {
      told.hidden = false;
      told.textContent = error.message;
      send.disabled = false;
    }
  };
  const rows = kinds.map(([type, name], index) =>
    h("label", { class: "option" }, h("input", { type: "radio", name: "report_type", value: type, checked: index === 0 }), name),
  );
  const content = h(
    "form",
    { class: "dialog-body", onsubmit: submit },
    h("fieldset", {}, h("legend", {}, gettext("What is wrong with it?")), rows),
    h("label", { class: "label", for: "report-reason" }, gettext("In your own words, if you like")),
    reason,
    told,
    h(
      "div",
      { class: "dialog-foot" },
      h("button", { type: "button", class: "button", onclick: () => dialog.close() }, gettext("Cancel")),
      send,
    ),
  );
  const dialog = openDialog({ title: gettext("Report this reply"), content });
}
