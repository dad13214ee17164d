// Messages as a tree: which replies and prompts are branches of one another, and which path through them is shown.
// Pure: `messages` is {id: MessageRead}, `choices` is {parent id or ROOT: id of the child that is shown}.

/** The key under which the first messages of a chat (those without a parent) are siblings. */
export const ROOT = "root";

/** The key of a message's siblings: its parent's id, or ROOT. */
export function keyOf(message) {
  return message.parent_id ?? ROOT;
}

const known = new WeakMap(); // messages -> its children: the same object is asked about many times a second

/** Map of parent id (or ROOT) to its children's ids, oldest first. */
export function childrenByParent(messages) {
  if (!known.has(messages)) known.set(messages, sortOut(messages));
  return known.get(messages);
}

function sortOut(messages) {
  const children = new Map();
  for (const message of Object.values(messages)) {
    const key = keyOf(message);
    if (!children.has(key)) children.set(key, []);
    children.get(key).push(message.id);
  }
  const older = (a, b) => compare(messages[a].created_at, messages[b].created_at) || compare(a, b);
  for (const ids of children.values()) ids.sort(older);
  return children;
}

/**
 * The path that is shown, from the first message to the newest: at every fork the chosen child, else the newest.
 * Each step is {id, siblings: ids of its branches oldest first, index: its place among them}.
 */
export function activePath(messages, choices) {
  const children = childrenByParent(messages);
  const path = [];
  const seen = new Set();
  for (let key = ROOT; children.has(key); ) {
    const siblings = children.get(key);
    const id = siblings.includes(choices[key]) ? choices[key] : siblings.at(-1);
    if (seen.has(id)) break; // a loop can only come from broken data; show what there is
    seen.add(id);
    path.push({ id, siblings, index: siblings.indexOf(id) });
    key = id;
  }
  return path;
}

/** `choices` changed so that the path runs through the message `id`. */
export function chooseThrough(messages, choices, id) {
  const chosen = { ...choices };
  const seen = new Set();
  for (let message = messages[id]; message && !seen.has(message.id); message = messages[message.parent_id]) {
    seen.add(message.id);
    chosen[keyOf(message)] = message.id;
  }
  return chosen;
}

function compare(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
