// What stands in the thread, from top to bottom: the messages of the active path, then what is on its way. Pure.

import { collapsed, draftsOf } from "#chat/drafts";
import { isUnfinished } from "#chat/message_states";
import { activePath } from "#chat/tree";

/**
 * Rows {key, kind, ...}: "prompt" and "reply" {message, stream, siblings, index}, "drafts" {drafts: [a reply's fields], message,
 * siblings, index}: replies side by side, of which `message` is the one that the chat would go on from, "outgoing" {item}: a
 * prompt that the server has not confirmed, "asked" {item}: a reply that is being asked for, "unanswered" {message}: a prompt
 * without any reply.
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

/** The replies at the end of what is shown for which more may come: one, or the drafts beside it. */
export function runningReplies(state) {
  const last = tailOf(state);
  if (last?.role !== "assistant") return [];
  const drafts = draftsOf(state.messages, last);
  return (drafts.length > 0 ? drafts : [last]).filter(isUnfinished);
}

/** The message under which the next prompt belongs: the end of the path, or null in an empty chat. */
export function tailOf(state) {
  return state.messages[activePath(state.messages, state.choices).at(-1)?.id] ?? null;
}

/** Whether two rows of the same key would be drawn alike. */
export function isSameRow(before, now) {
  return (
    before.message === now.message &&
    before.stream === now.stream &&
    before.item === now.item &&
    before.index === now.index &&
    before.siblings?.length === now.siblings?.length &&
    before.drafts?.length === now.drafts?.length &&
    (now.drafts ?? []).every((draft, index) => isSameRow(before.drafts[index], draft))
  );
}

function row(state, { id, siblings: all }) {
  const message = state.messages[id];
  const siblings = collapsed(state.messages, all, id);
  const place = { message, siblings, index: siblings.indexOf(id) };
  if (message.role === "prompter") return { ...place, key: id, kind: "prompt" };
  const drafts = draftsOf(state.messages, message);
  if (drafts.length === 0) return { ...place, key: id, kind: "reply", stream: state.streams[id] ?? null };
  const alone = (draft) => ({ message: draft, stream: state.streams[draft.id] ?? null, siblings: [draft.id], index: 0 });
  return { ...place, key: message.draft_group, kind: "drafts", drafts: drafts.map(alone) };
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
