// The list of chats beside the thread, as far as it has been read: which chats stand in it, and in which order. Pure.
// A list is {items, next, status, stale, hidden, removing}; see reducer.js.

/** The list with these chats in it, newest first, each once. */
export function merged(list, chats) {
  const byId = new Map([...list.items, ...chats].map((chat) => [chat.id, chat]));
  return { ...list, items: sorted([...byId.values()].filter((chat) => belongs(list, chat))) };
}

/** The list after a look at its newest page: what the page should hold and does not is gone, older chats stay. */
export function refreshed(list, { chats, next }) {
  if (next === null) return { ...merged({ ...list, items: [] }, chats), next, stale: false };
  const oldest = chats.at(-1);
  const older = list.items.filter((chat) => isOlder(chat, oldest));
  const known = older.length > 0 ? list.next : next; // what lies beyond them has been read up to there
  return { ...merged({ ...list, items: older }, chats), next: known, stale: false };
}

/**
 * The list after `chat` was made or changed. One that is not known is put in when it is new enough: an older one comes
 * with its own page. `chat` may be a part of one that is known: {id, title}.
 */
export function withChat(list, chat) {
  const known = list.items.find((item) => item.id === chat.id);
  const whole = known ? { ...known, ...chat } : chat;
  if (!belongs(list, whole)) return known ? withoutChat(list, chat.id) : list;
  if (known) return { ...list, items: list.items.map((item) => (item === known ? whole : item)) };
  const oldest = list.items.at(-1);
  const isInReach = chat.created_at && (list.next === null || (oldest && isOlder(oldest, chat)));
  return isInReach ? merged(list, [chat]) : list;
}

export function withoutChat(list, id) {
  const items = list.items.filter((chat) => chat.id !== id);
  return items.length === list.items.length ? list : { ...list, items };
}

/** The shown chats and the hidden ones are two lists; a chat that is about to be deleted is in neither. */
function belongs(list, chat) {
  return Boolean(chat.hidden) === Boolean(list.hidden) && chat.id !== list.removing;
}

function sorted(items) {
  return items.sort((a, b) => (isOlder(a, b) ? 1 : -1));
}

function isOlder(a, b) {
  return a.created_at === b.created_at ? a.id < b.id : a.created_at < b.created_at;
}
