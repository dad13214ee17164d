// The keyboard: does what a shortcut asks for, and shows the sheet with all of them.

import { copyText } from "#chat/clipboard";
import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { keep, recall } from "#chat/kept";
import { branchBeside, shortcutOf, shortcutWords } from "#chat/shortcuts";
import { runningReplies } from "#chat/thread_rows";
import { activePath } from "#chat/tree";
import { makeDialog } from "#chat/views/dialog";

const KEPT = "single_keys"; // false: off

export function mountShortcuts({ store, actions }) {
  const area = document.getElementById("prompt");
  const scroller = document.getElementById("scroller");
  const opener = document.getElementById("shortcuts-button");
  let sheet = null;

  const openSheet = () => {
    sheet ??= makeSheet();
    sheet.open();
  };
  const path = () => activePath(store.state.messages, store.state.choices);
  const branch = (by) => {
    const id = branchBeside(path(), by);
    if (id) actions.chooseBranch(id);
    return Boolean(id);
  };
  const does = {
    help: openSheet,
    new_chat() {
      actions.newChat();
      area.focus();
    },
    write: () => area.focus(),
    search() {
      if (document.getElementById("sidebar").inert) toggleSidebar();
      document.getElementById("search").focus();
    },
    sidebar: toggleSidebar,
    copy: () => copyLastReply(store, path()),
    previous_branch: () => branch(-1),
    next_branch: () => branch(1),
    /** Says false when there was nothing to be done, so that the key keeps its usual meaning. */
    stop(place) {
      const running = runningReplies(store.state);
      running.forEach(({ id }) => actions.stop(id));
      if (running.length === 0 && place === "composer") scroller.focus({ preventScroll: true });
      return running.length > 0 || place === "composer";
    },
  };

  opener.addEventListener("click", openSheet);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || somethingIsOpen()) return;
    const place = placeOf(event.target);
    const wanted = shortcutOf(event, { place, single: recall(KEPT) !== false });
    if (wanted === null || does[wanted](place) === false) return;
    event.preventDefault();
  });
}

function placeOf(target) {
  if (target.id === "prompt") return "composer";
  const types = target.closest?.("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])");
  return types ? "text" : "page";
}

/** A dialog, a menu, a panel or the drawer of a narrow screen has the keyboard to itself. */
function somethingIsOpen() {
  return document.querySelector("dialog[open], :popover-open") !== null || document.getElementById("main").inert;
}

function toggleSidebar() {
  const place = document.getElementById(document.getElementById("sidebar").inert ? "main" : "sidebar");
  place.querySelector("[data-toggles-sidebar]").click();
}

async function copyLastReply(store, path) {
  const replies = path.map(({ id }) => store.state.messages[id]).filter(({ role, content }) => role === "assistant" && content);
  if (replies.length === 0) return;
  const text = (await copyText(replies.at(-1).content)) ? gettext("The last reply is copied.") : gettext("Could not copy");
  store.dispatch({ event_type: "noticed", notice: { text, action: null } });
}

function makeSheet() {
  const rows = shortcutWords().map(([keys, words]) =>
    h("div", {}, h("dt", {}, keys.map((key) => h("kbd", {}, key))), h("dd", {}, words)),
  );
  const single = h("input", { type: "checkbox", class: "check", onchange: () => keep(KEPT, single.checked ? null : false) });
  single.checked = recall(KEPT) !== false;
  const list = h("dl", { class: "shortcuts" }, rows);
  return makeDialog({
    title: gettext("Keyboard shortcuts"),
    kind: "shortcut-sheet",
    content: h(
      "div",
      { class: "dialog-body" },
      list,
      h("label", { class: "shortcut-switch" }, single, gettext("Single keys work outside of text fields")),
    ),
  });
}
