// The hits of a search in the place of the list: the chat's title, who said it, and the passage with the hits marked.

import { h, setChildren } from "#chat/dom";
import { gettext, interpolate, language, ngettext } from "#chat/gettext";
import { fromFirstHit } from "#chat/passages";

/** `open(chatId, messageId)` goes to a hit. Returns draw(search), the nodes of one search. */
export function makeSearchHits({ open, pathOf }) {
  const list = h("ul", { class: "hits" });
  const told = h("p", { class: "sidebar-note", role: "status" });
  const drawn = new Map(); // hit -> its row

  return function draw({ words, hits, next, status, error }) {
    setChildren(
      list,
      hits.map((hit) => {
        if (!drawn.has(hit)) drawn.set(hit, makeHit(hit, { open, pathOf }));
        return drawn.get(hit);
      }),
    );
    for (const hit of drawn.keys()) if (!hits.includes(hit)) drawn.delete(hit);
    list.classList.toggle("older", status === "loading");
    told.textContent = sentence({ words, count: hits.length, more: next !== null, status, error });
    return [told, list];
  };
}

function sentence({ words, count, more, status, error }) {
  if (status === "failed") return error;
  if (status === "loading") return count > 0 ? "" : gettext("Searching…");
  if (count === 0) return interpolate(gettext("Nothing was found for “%(words)s”."), { words });
  if (more) return interpolate(gettext("The best %(n)s hits so far"), { n: count });
  return interpolate(ngettext("%(n)s hit", "%(n)s hits", count), { n: count });
}

function makeHit(hit, { open, pathOf }) {
  const who = hit.role === "prompter" ? gettext("You") : gettext("Assistant");
  const date = new Date(hit.created_at).toLocaleDateString(language, { dateStyle: "medium" });
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(hit.chat_id, hit.message_id);
  };
  return h(
    "li",
    {},
    h(
      "a",
      { class: "hit", href: `${pathOf(hit.chat_id)}#${hit.message_id}`, onclick: follow },
      h("span", { class: "hit-title", dir: "auto" }, hit.chat_title || gettext("New chat")),
      h("span", { class: "hit-passage", dir: "auto" }, fromFirstHit(hit.excerpt).map((piece) => (piece.hit ? h("mark", {}, piece.text) : piece.text))),
      h("small", {}, `${who} · ${date}`),
    ),
  );
}
