// One rule per thing the person or the page itself does: (state, event) -> state. Pure. Their names never come over the wire.

import { merged, refreshed, withoutChat } from "#chat/chat_list";
import { isUnfinished } from "#chat/message_states";
import { chooseThrough, keyOf } from "#chat/tree";

const CLOSED_CHAT = { messages: {}, choices: {}, streams: {}, outbox: [], sought: null, connection: { status: "idle" }, newChat: {} };

export const pageRules = {
  /** The empty page, ready for a new chat. */
  chat_left: (state) => ({ ...state, ...CLOSED_CHAT, chat: null, phase: "none" }),

  /** A chat is being opened; what waits in the outbox stays only when the chat was just made for it. */
  chat_opening(state, event) {
    const known = state.chats.items.find((chat) => chat.id === event.chat_id);
    const outbox = event.keep_outbox ? state.outbox : [];
    return { ...state, ...CLOSED_CHAT, outbox, chat: known ?? { id: event.chat_id, title: null }, phase: "loading" };
  },

  /** The chat as the server has it, at the first look and after every reconnect. Texts that stream on are kept. */
  chat_loaded(state, event) {
    const { messages: list, ...chat } = event.chat;
    const messages = Object.fromEntries(list.map((message) => [message.id, message]));
    const first = state.phase !== "ready";
    const tail = first ? (messages[state.sought] ?? messages[chat.active_thread_tail_message_id]) : null;
    return {
      ...state,
      chat,
      phase: "ready",
      messages,
      choices: tail ? chooseThrough(messages, {}, tail.id) : state.choices,
      streams: pick(state.streams, (id) => messages[id] && isUnfinished(messages[id])),
      chats: { ...state.chats, items: state.chats.items.map((item) => (item.id === chat.id ? chat : item)) },
    };
  },

  chat_missing: (state) => ({ ...state, ...CLOSED_CHAT, phase: "missing" }),

  /** The chat could not be read yet; the page goes on trying. */
  chat_failed: (state) => (state.phase === "loading" ? { ...state, phase: "failed" } : state),

  connection_changed: (state, event) => ({ ...state, connection: { status: event.status } }),

  /** The hidden chats in the list's place, or the others again. */
  chats_switched: (state, { hidden }) => ({ ...state, chats: { ...state.chats, items: [], next: null, status: "loading", hidden } }),

  /** A further page of the list. */
  chats_page(state, event) {
    if (Boolean(event.hidden) !== state.chats.hidden) return state; // asked for before the list was switched
    return { ...state, chats: { ...merged(state.chats, event.chats), next: event.next, status: "ready" } };
  },

  /** The newest page again: after a time without connection, or when much has changed. */
  chats_refreshed(state, event) {
    if (Boolean(event.hidden) !== state.chats.hidden) return state;
    return { ...state, chats: { ...refreshed(state.chats, event), status: "ready" } };
  },

  /** The person has changed a chat; the server is told at the same time. */
  chat_changed(state, event) {
    const chat = state.chat?.id === event.chat.id ? { ...state.chat, ...event.chat } : state.chat;
    return { ...state, chat, chats: merged(state.chats, [event.chat]) };
  },

  /** Words are being looked for; the hits so far stay until there are others. */
  search_begun(state, { words }) {
    return { ...state, search: { hits: [], next: null, ...state.search, words, status: "loading", error: null } };
  },

  search_found(state, { words, offset, results, next }) {
    if (state.search?.words !== words) return state;
    const hits = offset === 0 ? results : [...state.search.hits, ...results];
    return { ...state, search: { ...state.search, hits, next, status: "ready" } };
  },

  search_failed(state, { words, error }) {
    if (state.search?.words !== words) return state;
    return { ...state, search: { ...state.search, hits: [], next: null, status: "failed", error } };
  },

  search_left: (state) => (state.search ? { ...state, search: null } : state),

  /** A message is to be shown, on whatever branch it is, at once or when its chat has been read. */
  message_sought(state, { message_id }) {
    const choices = state.messages[message_id] ? chooseThrough(state.messages, state.choices, message_id) : state.choices;
    return { ...state, sought: message_id, choices };
  },

  message_found: (state) => (state.sought ? { ...state, sought: null } : state),

  chats_failed: (state) => ({ ...state, chats: { ...state.chats, status: "failed" } }),
  chats_loading: (state) => ({ ...state, chats: { ...state.chats, status: "loading" } }),

  /** A chat made here, or one whose removal was undone. */
  chat_added(state, event) {
    const removing = state.chats.removing === event.chat.id ? null : state.chats.removing;
    return { ...state, chats: merged({ ...state.chats, removing }, [event.chat]) };
  },

  /** Taken out of the list, and kept out of it whatever is heard of it, until it is deleted or had back. */
  chat_removed(state, event) {
    return { ...state, chats: { ...withoutChat(state.chats, event.chat_id), removing: event.chat_id } };
  },

  outbox_added: (state, event) => ({ ...state, outbox: [...state.outbox, { ...event.item, status: "sending", error: null }] }),

  outbox_retried: (state, { ref, options }) => withItem(state, ref, { status: "sending", error: null, options }),

  outbox_failed: (state, event) => withItem(state, event.ref, { status: "failed", error: event.error }),

  outbox_dropped: (state, event) => ({ ...state, outbox: state.outbox.filter((item) => item.ref !== event.ref) }),

  branch_chosen(state, event) {
    const message = state.messages[event.message_id];
    if (!message) return state;
    return { ...state, choices: { ...state.choices, [keyOf(message)]: message.id } };
  },

  voted(state, { message_id, score }) {
    const message = state.messages[message_id];
    return message ? { ...state, messages: { ...state.messages, [message_id]: { ...message, score } } } : state;
  },

  /** Drafts are chosen between (null), or, when that failed, to be chosen between again. */
  drafts_grouped(state, { ids, draft_group }) {
    const changed = ids.filter((id) => state.messages[id]).map((id) => [id, { ...state.messages[id], draft_group }]);
    return { ...state, messages: { ...state.messages, ...Object.fromEntries(changed) } };
  },

  stop_asked: (state, event) => withStopping(state, event.message_id, true),
  stop_failed: (state, event) => withStopping(state, event.message_id, false),

  models_loaded: (state, event) => ({ ...state, models: { items: event.models, status: "ready" } }),
  models_failed: (state) => ({ ...state, models: { ...state.models, status: "failed" } }),

  noticed: (state, event) => ({ ...state, notice: event.notice }),
};

function withItem(state, ref, change) {
  return { ...state, outbox: state.outbox.map((item) => (item.ref === ref ? { ...item, ...change } : item)) };
}

function withStopping(state, id, stopping) {
  const stream = state.streams[id] ?? { thoughts: "", text: "", end: 0, cursor: null, pending: null };
  return { ...state, streams: { ...state.streams, [id]: { ...stream, stopping } } };
}

function pick(object, keep) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keep(key)));
}
