// One rule per event the server sends (inference/events.py): (state, event) -> state. Pure.
// tests/contract/events.json has samples of each; a type without a rule here fails the contract test.

import { isUnfinished } from "#chat/message_states";
import { withChat, withoutChat } from "#chat/chat_list";
import { draftsOf } from "#chat/drafts";
import { activePath, childrenByParent, chooseThrough, keyOf } from "#chat/tree";

const TITLE_LENGTH = 100; // chats/repository/asking.py
const EMPTY_STREAM = Object.freeze({ thoughts: "", text: "", end: 0, cursor: null, pending: null, stopping: false });

export const wireRules = {
  /** The reply waits in its queue. */
  pending(state, event) {
    const { queue_position, queue_size, workers, estimate_s } = event;
    return withStream(state, event.message_id, { pending: { queue_position, queue_size, workers, estimate_s } });
  },

  /** More of a reply; a reasoning model's thoughts come before its text. What lies before the end of what is shown has been shown: a second reader's echo is dropped. */
  token(state, event) {
    const stream = state.streams[event.message_id] ?? EMPTY_STREAM;
    if (event.offset < stream.end) return state;
    const next = withStream(state, event.message_id, {
      thoughts: stream.thoughts + (event.thoughts ?? ""),
      text: stream.text + event.text,
      end: event.end,
      cursor: event.cursor,
      pending: null,
    });
    return withMessageState(next, event.message_id, "in_progress");
  },

  /** The reply begins again from nothing: its engine could not go on from the text so far. */
  restart(state, event) {
    return withStream(state, event.message_id, { thoughts: "", text: "", end: 0, cursor: event.cursor, pending: null });
  },

  /** The reply's end: the stored message replaces what was streamed. */
  message(state, event) {
    return withMessage(state, event.message);
  },

  /** A reply that ended in a fault, a command that was refused, or a fault that ends nothing. */
  error(state, event) {
    if (event.message) return withMessage(state, event.message);
    const error = { text: event.error, code: event.code ?? null };
    const refused = event.ref && state.outbox.some((item) => item.ref === event.ref);
    if (!refused) return { ...state, notice: error };
    return {
      ...state,
      outbox: state.outbox.map((item) => (item.ref === event.ref ? { ...item, status: "failed", error } : item)),
    };
  },

  /** A chat was made, here or elsewhere, or its own facts changed: its title, for one. */
  chat(state, event) {
    const isOpen = state.chat?.id === event.chat.id;
    return {
      ...state,
      chat: isOpen ? { ...state.chat, ...event.chat } : state.chat,
      chats: withChat(state.chats, event.chat),
      choices: isOpen ? followed(state, event.chat.active_thread_tail_message_id) : state.choices,
    };
  },

  chat_deleted: (state, event) => ({ ...state, chats: withoutChat(state.chats, event.chat_id) }),

  /** The list is no longer what the server has: whoever reads it reads it anew. */
  chats_changed: (state) => ({ ...state, chats: { ...state.chats, stale: true } }),

  /** What is said of a message: its vote, its reports, whether it still is one draft of several. */
  feedback(state, event) {
    const message = state.messages[event.message_id];
    if (!message) return state;
    const { score, reports, draft_group } = event;
    return { ...state, messages: { ...state.messages, [message.id]: { ...message, score, reports, draft_group } } };
  },

  /** A message was made, here (with our ref) or in another window. Ours is shown at once; another's only if it has no rival. */
  message_created(state, event) {
    const { message, ref } = event;
    if (state.chat && message.chat_id && message.chat_id !== state.chat.id) return state;
    const ours = Boolean(ref) && state.outbox.some((item) => item.ref === ref);
    const known = Object.hasOwn(state.messages, message.id);
    const messages = known ? state.messages : { ...state.messages, [message.id]: message };
    const alone = (childrenByParent(messages).get(keyOf(message)) ?? []).length === 1;
    return {
      ...named(state, message),
      messages,
      choices: ours || alone ? chooseThrough(messages, state.choices, message.id) : state.choices,
      outbox: arrived(state.outbox, ref, message),
    };
  },
};

/** A choice between drafts that was made in another window is followed; whoever looks at another branch is left in peace. */
function followed({ messages, choices }, tailId) {
  const chosen = draftsOf(messages, messages[tailId]);
  const shown = activePath(messages, choices).at(-1)?.id;
  return chosen.some(({ id }) => id === shown) ? chooseThrough(messages, choices, tailId) : choices;
}

/** The outbox once `message` exists: with a prompt of ours its reply is still to come, under the same ref. */
function arrived(outbox, ref, message) {
  if (message.role !== "prompter") return outbox.filter((item) => item.ref !== ref);
  return outbox.map((item) => (item.ref === ref ? { ...item, kind: "regenerate", parent_id: message.id } : item));
}

/** The server names a chat after its first prompt; the name is shown at once. */
function named(state, message) {
  if (!state.chat || state.chat.title !== null || message.role !== "prompter" || message.parent_id !== null) return state;
  const title = message.content.trim().split(/\s+/).join(" ").slice(0, TITLE_LENGTH);
  return wireRules.chat(state, { chat: { id: state.chat.id, title } });
}

function withStream(state, id, change) {
  const message = state.messages[id];
  if (message && !isUnfinished(message)) return state; // a late word about a reply that has ended
  const stream = state.streams[id] ?? EMPTY_STREAM;
  return { ...state, streams: { ...state.streams, [id]: { ...stream, ...change } } };
}

function withMessageState(state, id, messageState) {
  const message = state.messages[id];
  if (!message || message.state === messageState || !isUnfinished(message)) return state;
  return { ...state, messages: { ...state.messages, [id]: { ...message, state: messageState } } };
}

/** A message as its stream's end tells it. What is said of it comes by `feedback` alone, which may have been sooner. */
function withMessage(state, message) {
  const { [message.id]: _ended, ...streams } = state.streams;
  const known = state.messages[message.id];
  const said = known ? { score: known.score, reports: known.reports, draft_group: known.draft_group } : {};
  return { ...state, streams, messages: { ...state.messages, [message.id]: { ...message, ...said } } };
}
