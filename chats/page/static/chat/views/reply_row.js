// One reply in the thread: its text as it grows, how it waits, how it ended, and what can be done with it.

import { h, setAttribute, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { LiveText } from "#chat/markdown/live_text";
import { isBroken, isUnfinished } from "#chat/message_states";
import { icon } from "#chat/icons";
import { makeFacts } from "#chat/views/facts";
import { makeReplyBar } from "#chat/views/reply_bar";
import { makeThoughts } from "#chat/views/thoughts";
import { endingWords, waitingWords } from "#chat/words";

export function makeReplyRow({ actions, hold, announceEnd }) {
  let message = null;
  let stream = null;
  const prose = h("div", { class: "prose", dir: "auto" });
  const text = new LiveText(prose);
  const thoughts = makeThoughts();
  const waiting = makeWaiting();
  const note = h("div", { hidden: true });
  const facts = makeFacts({ actions });
  const bar = makeReplyBar({ actions, hold, further: [facts.button] });
  const parts = [thoughts.element, prose, waiting.element, note, bar.element, facts.element];
  const element = h("article", { class: "message reply", "aria-label": gettext("Assistant") }, parts);

  const drawNote = () => {
    const ending = endingWords(message);
    note.hidden = !ending;
    note.replaceChildren();
    if (!ending) return;
    note.className = `note ${ending.tone}`;
    if (ending.tone === "error") note.append(icon("alert"));
    note.append(h("span", {}, ending.text));
    if (isBroken(message)) {
      note.append(h("button", { type: "button", class: "button", onclick: bar.again }, gettext("Try again")));
    }
  };

  return {
    element,
    update(row) {
      const before = message;
      ({ message, stream } = row);
      element.dataset.id = message.id;
      const running = isUnfinished(message);
      const shown = running ? (stream?.text ?? "") : (message.content ?? "");
      text.show(shown, !running);
      prose.hidden = shown === "";
      setAttribute(element, "data-state", message.state);
      setAttribute(element, "aria-busy", String(running));
      prose.classList.toggle("growing", running);
      const thought = running ? (stream?.thoughts ?? "") : (message.thoughts ?? "");
      thoughts.update(thought, running && shown === "");
      const begun = shown !== "" || thought !== "";
      const pending = stream?.pending ?? null;
      waiting.update(running && (!begun || pending) ? { message, pending, begun, stopping: stream?.stopping } : null);
      bar.update(row, running);
      facts.update(message);
      if (before !== message) drawNote();
      if (before && before.id === message.id && isUnfinished(before) && !running) announceEnd(message);
    },
  };
}

/** The reply that is being asked for, before the server has made it. */
export function makeAskedRow({ actions }) {
  const waiting = makeWaiting();
  const note = h("div", { hidden: true });
  const element = h("article", { class: "message reply", "aria-label": gettext("Assistant") }, waiting.element, note);
  return {
    element,
    update({ item }) {
      const failed = item.status === "failed";
      waiting.update(failed ? null : { message: null, pending: null });
      note.hidden = !failed;
      if (!failed) return;
      note.className = "note error";
      note.replaceChildren(
        icon("alert"),
        h("span", {}, gettext("Not asked."), " ", item.error?.text ?? ""),
        h("button", { type: "button", class: "button", onclick: () => actions.retry(item.ref) }, gettext("Try again")),
        h("button", { type: "button", class: "button", onclick: () => actions.discard(item.ref) }, gettext("Dismiss")),
      );
    },
  };
}

/** A prompt whose reply was never made: the connection broke between the two. */
export function makeUnansweredRow({ actions }) {
  let promptId = null;
  const element = h(
    "div",
    { class: "note quiet unanswered" },
    h("span", {}, gettext("This prompt has no reply yet.")),
    h("button", { type: "button", class: "button", onclick: () => actions.regenerate(promptId) }, gettext("Ask for one")),
  );
  return {
    element,
    update({ message }) {
      promptId = message.id;
    },
  };
}

function makeWaiting() {
  const words = h("span", {});
  const element = h("div", { class: "waiting", hidden: true }, h("span", { class: "pulse", "aria-hidden": "true" }), words);
  return {
    element,
    update(now) {
      element.hidden = !now;
      if (!now) return;
      const idle = now.message?.state === "in_progress" ? gettext("Thinking…") : "";
      setText(words, now.stopping ? gettext("Stopping…") : now.pending ? waitingWords(now.pending, now.begun) : idle);
      element.classList.toggle("stalled", now.pending?.workers === 0);
    },
  };
}
