// The page's whole state and the one place where it changes: reduce(state, event) -> state, one rule per event type.
// Pure. What comes over the wire has its rules in wire_rules.js, what the person or the page itself does in page_rules.js.

import { pageRules } from "#chat/page_rules";
import { settingsRules } from "#chat/settings/rules";
import { wireRules } from "#chat/wire_rules";

/**
 * chats: the list beside the chat: {items: [ChatListRead] newest first, next: the cursor of the page after them, status:
 *   "loading" | "ready" | "failed", stale: it is to be read anew, hidden: it is the list of the hidden ones, removing: id of
 *   a chat that is being deleted}. chat: the one that is open (ChatListRead, or null on the empty page).
 * phase: of the open chat: "none" | "loading" | "ready" | "missing" | "failed".
 * messages: {id: MessageRead}. choices: see tree.js.
 * streams: {id: {thoughts, text, end, cursor, pending, stopping}} of replies under way; end is in bytes of UTF-8.
 * outbox: [{ref, kind: "prompt" | "regenerate", parent_id, content, drafts: how many replies, options, status: "sending" | "failed", error}].
 * search: null, or {words, hits: [result of GET /chats/search], next: offset of further ones, status, error}.
 * sought: id of a message that is to be brought into sight.
 * availability: {items: {model name: AvailabilityRead}, status}. presets: [SavedPresetRead], one's own; presetsStatus: of
 *   them. preferences: PreferencesRead,
 *   null until they are read. newChat: what the next new chat shall have otherwise than the preferences say.
 * connection: {status: "idle" | "connecting" | "open" | "lost" | "expired"}.
 */
export const initialState = Object.freeze({
  chats: { items: [], next: null, status: "loading", stale: false, hidden: false, removing: null },
  chat: null,
  phase: "none",
  messages: {},
  choices: {},
  streams: {},
  outbox: [],
  connection: { status: "idle" },
  search: null,
  sought: null,
  models: { items: [], status: "loading" },
  availability: { items: {}, status: "loading" },
  presets: [],
  presetsStatus: "loading",
  preferences: null,
  newChat: {},
  notice: null,
});

const rules = { ...wireRules, ...pageRules, ...settingsRules };

/** The state after `event`. An event type without a rule changes nothing: a newer server may say more than we know. */
export function reduce(state, event) {
  const rule = Object.hasOwn(rules, event.event_type) ? rules[event.event_type] : null;
  return rule ? rule(state, event) : state;
}
