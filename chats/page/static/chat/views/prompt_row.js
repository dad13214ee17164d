// One prompt in the thread: the person's words as they were typed, with edit, copy and the arrows between branches.

import { h, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { branchSwitch, copyButton, iconButton } from "#chat/views/buttons";
import { focusComposer } from "#chat/views/focus";
import { makeStamp } from "#chat/views/stamp";
import { fit, growWithText } from "#chat/views/growing_area";

export function makePromptRow({ actions, hold }) {
  let message = null;
  const words = h("div", { class: "bubble", dir: "auto" });
  const branches = branchSwitch((id) => {
    hold();
    actions.chooseBranch(id);
  });
  const stamp = makeStamp();
  const edit = iconButton("edit", gettext("Edit"), () => openEditor());
  const bar = h("div", { class: "message-bar" }, copyButton(gettext("Copy"), () => message.content), edit, branches.element, stamp.element);
  const element = h("article", { class: "message prompt", "aria-label": gettext("You") }, words, bar);

  const openEditor = () => {
    const editor = makeEditor({
      text: message.content,
      send: (text) => {
        if (!actions.edit(message.id, text)) return;
        element.replaceChildren(words, bar);
        focusComposer();
      },
      cancel: () => {
        element.replaceChildren(words, bar);
        edit.focus();
      },
    });
    element.replaceChildren(editor.element);
    editor.focus();
  };

  return {
    element,
    update(row) {
      message = row.message;
      element.dataset.id = message.id;
      setText(words, message.content ?? "");
      branches.update(row);
      stamp.update(message.created_at);
    },
  };
}

function makeEditor({ text, send, cancel }) {
  const area = h("textarea", { "aria-label": gettext("Edit the prompt"), rows: "1", dir: "auto" });
  area.value = text;
  const element = h(
    "form",
    {
      class: "editor",
      onsubmit: (event) => {
        event.preventDefault();
        send(area.value);
      },
    },
    area,
    h(
      "div",
      { class: "editor-bar" },
      h("span", { class: "hint" }, gettext("Sends a new branch; the old one stays.")),
      h("button", { type: "button", class: "button", onclick: cancel }, gettext("Cancel")),
      h("button", { type: "submit", class: "button primary" }, gettext("Send")),
    ),
  );
  growWithText(area, () => send(area.value));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  return {
    element,
    focus() {
      fit(area);
      area.focus();
      area.setSelectionRange(area.value.length, area.value.length);
    },
  };
}

/** A prompt on its way: shown at once, and with the reason and a way out when it was refused. */
export function makeOutgoingRow({ actions, giveBack }) {
  const words = h("div", { class: "bubble", dir: "auto" });
  const place = h("div", {});
  const element = h("article", { class: "message prompt outgoing", "aria-label": gettext("You") }, words, place);
  let shown = null;
  return {
    element,
    update({ item }) {
      if (item === shown) return;
      shown = item;
      setText(words, item.content);
      place.replaceChildren();
      if (item.status !== "failed") return;
      place.append(
        h(
          "div",
          { class: "note error", role: "alert" },
          h("span", {}, gettext("Not sent."), " ", item.error?.text ?? ""),
          h("button", { type: "button", class: "button", onclick: () => actions.retry(item.ref) }, gettext("Try again")),
          h(
            "button",
            {
              type: "button",
              class: "button",
              onclick: () => {
                actions.discard(item.ref);
                giveBack(item.content);
              },
            },
            gettext("Edit"),
          ),
        ),
      );
    },
  };
}
