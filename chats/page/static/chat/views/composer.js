// Where a prompt is written: a growing box whose draft survives a reload, and one button that sends or stops.

import { setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { keep, recall } from "#chat/kept";
import { runningReplies } from "#chat/thread_rows";
import { mountDraftsChoice } from "#chat/views/drafts_choice";
import { focusComposer } from "#chat/views/focus";
import { fit, growWithText } from "#chat/views/growing_area";

export function mountComposer({ store, actions }) {
  const form = document.getElementById("composer");
  const area = document.getElementById("prompt");
  const button = document.getElementById("send");
  let chatKey = null;
  let running = [];

  const draftName = () => `draft:${chatKey}`;
  const refresh = () => {
    setAttribute(button, "disabled", running.length === 0 && area.value.trim() === "");
  };
  const send = () => {
    if (running.length > 0 || !actions.ask(area.value, { drafts: drafts.count() })) return;
    area.value = "";
    keep(draftName(), null);
    fit(area);
    refresh();
  };

  const stop = () => running.forEach(({ id }) => actions.stop(id));
  const drafts = mountDraftsChoice(document.getElementById("drafts-button"));

  growWithText(area, send);
  area.addEventListener("input", () => {
    keep(draftName(), area.value);
    refresh();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running.length > 0) stop();
    else send();
    focusComposer();
  });
  form.addEventListener("click", (event) => {
    if (event.target === form || event.target.classList.contains("composer-bar")) area.focus();
  });

  store.watch((state) => {
    const key = state.chat?.id ?? "new";
    if (key !== chatKey) {
      const typedAlready = chatKey === null ? area.value : ""; // faster than this page could load
      chatKey = key;
      area.value = typedAlready || recall(draftName(), "");
      fit(area);
      focusComposer();
    }
    const before = running;
    running = runningReplies(state);
    const isRunning = running.length > 0;
    if (isRunning !== before.length > 0) button.replaceChildren(icon(isRunning ? "stop" : "arrow_up"));
    const name = isRunning ? gettext("Stop the reply") : gettext("Send");
    setAttribute(button, "aria-label", name);
    setAttribute(button, "title", isRunning ? `${name} (Esc)` : name);
    setAttribute(button, "data-running", isRunning);
    setAttribute(form, "hidden", state.phase === "missing");
    refresh();
    if (isRunning && running.every(({ id }) => state.streams[id]?.stopping)) setAttribute(button, "disabled", true);
  });
}
