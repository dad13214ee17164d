// What stands in the thread, from top to bottom: the messages of the active path, then what is on its way. Pure.

import { isUnfinished } from "#chat/message_states";
import { activePath } from "#chat/tree";

/**
 * Rows {key, kind, ...}: "prompt" and "reply" {message, stream, siblings, index}, "outgoing" {item}: a prompt that the server
 * has not confirmed, "asked" {item}: a reply that is being asked for, "unanswered" {message}: a prompt without any reply.
 */
export function threadRows(state) {
  const path = activePath(state.messages, state.choices);
  const { shown, item } = cutForOutbox(path, state.outbox);
  const rows = shown.map((step) => row(state, step));
  if (item?.kind === "prompt") rows.push({ key: item.ref, kind: "outgoing", item });
  if (item) {
    if (item.status === "sending" || item.kind === "regenerate") rows.push({ key: `asked ${item.ref}`, kind: "asked", item });
    return rows;
  }
  const last = state.messages[shown.at(-1)?.id];
  if (last?.role === "prompter" && state.connection.status === "open") {
    rows.push({ key: `unanswered ${last.id}`, kind: "unanswered", message: last });
  }
  return rows;
}

/** The reply at the end of what is shown when more may come for it, else null. */
export function runningReply(state) {
  const last = state.messages[activePath(state.messages, state.choices).at(-1)?.id];
  return last && last.role === "assistant" && isUnfinished(last) ? last : null;
}

/** The message under which the next prompt belongs: the end of the path, or null in an empty chat. */
export function tailOf(state) {
  return state.messages[activePath(state.messages, state.choices).at(-1)?.id] ?? null;
}

function row(state, { id, siblings, index }) {
  const message = state.messages[id];
  const kind = message.role === "prompter" ? "prompt" : "reply";
  return { key: id, kind, message, stream: state.streams[id] ?? null, siblings, index };
}

/** What is being sent replaces what stood under its parent: the newest such item, and the path down to its parent. */
function cutForOutbox(path, outbox) {
  for (const item of [...outbox].reverse()) {
    if (item.parent_id === null) return { shown: [], item };
    const index = path.findIndex((step) => step.id === item.parent_id);
    if (index !== -1) return { shown: path.slice(0, index + 1), item };
  }
  return { shown: path, item: null };
}

