// Where a prompt is written: a growing box whose draft survives a reload, and one button that sends or stops.

import { setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { keep, recall } from "#chat/kept";
import { runningReply } from "#chat/thread_rows";
import { focusComposer } from "#chat/views/focus";
import { fit, growWithText } from "#chat/views/growing_area";

export function mountComposer({ store, actions }) {
  const form = document.getElementById("composer");
  const area = document.getElementById("prompt");
  const button = document.getElementById("send");
  let chatKey = null;
  let running = null;

  const draftName = () => `draft:${chatKey}`;
  const refresh = () => {
    setAttribute(button, "disabled", !running && area.value.trim() === "");
  };
  const send = () => {
    if (running || !actions.ask(area.value)) return;
    area.value = "";
    keep(draftName(), null);
    fit(area);
    refresh();
  };

  growWithText(area, send);
  area.addEventListener("input", () => {
    keep(draftName(), area.value);
    refresh();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (running) actions.stop(running.id);
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
    const reply = runningReply(state);
    const stopping = reply !== null && Boolean(state.streams[reply.id]?.stopping);
    if (Boolean(reply) !== Boolean(running) || !button.firstChild) {
      button.replaceChildren(icon(reply ? "stop" : "arrow_up"));
    }
    running = reply;
    setAttribute(button, "aria-label", reply ? gettext("Stop the reply") : gettext("Send"));
    setAttribute(button, "title", reply ? gettext("Stop the reply") : gettext("Send"));
    setAttribute(button, "data-running", Boolean(reply));
    setAttribute(form, "hidden", state.phase === "missing");
    refresh();
    if (stopping) setAttribute(button, "disabled", true);
  });
}
