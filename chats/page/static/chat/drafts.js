// Drafts: replies to one prompt that were asked for together and stand side by side until one of them is chosen, or the chat
// has gone on under one of them. Pure.

import { childrenByParent, keyOf } from "#chat/tree";

/** The drafts that stand beside `message`, itself among them, oldest first; empty when it is none, or the choice is made. */
export function draftsOf(messages, message) {
  if (!message?.draft_group) return [];
  const children = childrenByParent(messages);
  const group = (children.get(keyOf(message)) ?? []).map((id) => messages[id]).filter(({ draft_group }) => draft_group === message.draft_group);
  return group.some(({ id }) => children.has(id)) ? [] : group;
}

/** `siblings` with one place for all drafts that stand side by side: that of `shownId`, else of their first. */
export function collapsed(messages, siblings, shownId) {
  const seen = new Set();
  return siblings.filter((id) => {
    const drafts = draftsOf(messages, messages[id]);
    if (drafts.length === 0) return true;
    const [{ draft_group: group }] = drafts;
    const place = messages[shownId]?.draft_group === group ? shownId : drafts[0].id;
    if (id !== place || seen.has(group)) return false;
    seen.add(group);
    return true;
  });
}
