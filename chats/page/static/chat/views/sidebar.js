// The list of chats beside the thread: grouped by day, more as one scrolls, a menu for each; in its place the hits of a
// search, or the chats that were hidden.

import { groupByDay } from "#chat/days";
import { h, setAttribute, setChildren, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { openChatMenu } from "#chat/views/chat_menu";
import { mountDrawer } from "#chat/views/drawer";
import { focusComposer } from "#chat/views/focus";
import { openMenu } from "#chat/views/menu";
import { renameInPlace } from "#chat/views/rename";
import { mountSearchBox } from "#chat/views/search_box";
import { makeSearchHits } from "#chat/views/search_hits";

export function mountSidebar({ store, actions }) {
  const drawer = mountDrawer();
  const place = document.getElementById("chats");
  const more = h("div", { class: "more-chats" });
  const rows = new Map();
  const groups = new Map();
  const search = mountSearchBox(document.getElementById("search"), (text) => actions.list.search(text));
  const drawHits = makeSearchHits({
    pathOf: (chatId) => actions.pathOf(chatId),
    open: (chatId, messageId) => {
      actions.openChat(chatId, messageId);
      drawer.close();
    },
  });
  let drawn = null;

  document.getElementById("new-chat").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    actions.newChat();
    drawer.close();
    focusComposer();
  });
  mountListMenu({ store, actions, search, drawer });

  const readOn = () => {
    const { chats, search: hits } = store.state;
    if (hits) actions.list.searchOn();
    else if (chats.next && chats.status === "ready") actions.list.load();
  };
  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && readOn(), { root: place, rootMargin: "300px" });
  observer.observe(more);

  const drawList = (state) => {
    const sections = groupByDay(state.chats.items, new Date()).map(({ name, chats }) => {
      const group = groups.get(name) ?? makeGroup(name);
      groups.set(name, group);
      const items = chats.map((chat) => {
        const row = rows.get(chat.id) ?? makeRow({ actions, drawer });
        rows.set(chat.id, row);
        row.update(chat, chat.id === state.chat?.id);
        return row.element;
      });
      setChildren(group.list, items);
      return group.element;
    });
    const known = new Set(state.chats.items.map(({ id }) => id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    return [...heading(state.chats, actions), ...sections, ...note(state.chats, actions)];
  };

  store.watch((state) => {
    const key = [state.chats, state.search, state.chat?.id, state.phase];
    if (drawn && key.every((value, index) => value === drawn[index])) return;
    drawn = key;
    keepFocus(place, () => setChildren(place, [...(state.search ? drawHits(state.search) : drawList(state)), more]));
    observer.unobserve(more); // what was in sight and is still so is told again
    observer.observe(more);
  });
}

/** Runs `change`; when it takes the focused row away, focus goes to the one that is in its place now, or above the list. */
function keepFocus(place, change) {
  const rows = () => [...place.querySelectorAll(".chat-row")];
  const row = document.activeElement?.closest(".chat-row");
  const at = rows().indexOf(row);
  change();
  if (at === -1 || row.isConnected) return;
  const beside = rows()[at] ?? rows().at(-1);
  (beside?.querySelector("button") ?? document.getElementById("new-chat")).focus();
}

/** What concerns the whole list: the hidden chats, and a chat out of a file. */
function mountListMenu({ store, actions, search, drawer }) {
  const button = document.getElementById("list-menu");
  const file = h("input", { type: "file", accept: "application/json,.json", hidden: true, "aria-hidden": "true", tabindex: "-1" });
  button.after(file);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    file.value = "";
    const chatId = chosen && (await actions.list.importFile(chosen));
    if (!chatId) return;
    actions.openChat(chatId);
    drawer.close();
  });
  button.addEventListener("click", () => {
    const { hidden } = store.state.chats;
    const show = (wanted) => {
      search.clear();
      actions.list.showHidden(wanted);
    };
    openMenu(button, [
      hidden
        ? { name: gettext("All other chats"), icon: "eye", run: () => show(false) }
        : { name: gettext("Hidden chats"), icon: "eye_off", run: () => show(true) },
      { name: gettext("Import a chat…"), icon: "upload", run: () => file.click() },
    ]);
  });
}

function heading({ hidden }, actions) {
  if (!hidden) return [];
  const back = h("button", { type: "button", class: "link", onclick: () => actions.list.showHidden(false) }, gettext("Back"));
  return [h("p", { class: "sidebar-note list-name" }, h("strong", {}, gettext("Hidden chats")), back)];
}

function note({ items, status, hidden }, actions) {
  if (status === "failed") {
    const retry = h("button", { type: "button", class: "link", onclick: () => actions.list.load() }, gettext("Try again"));
    return [h("p", { class: "sidebar-note" }, gettext("The list could not be read."), " ", retry)];
  }
  if (status !== "ready" || items.length > 0) return [];
  const words = hidden ? gettext("No chat is hidden.") : gettext("Your chats will be listed here.");
  return [h("p", { class: "sidebar-note" }, words)];
}

function makeGroup(name) {
  const list = h("ul", {});
  return { list, element: h("section", {}, h("h2", {}, name), list) };
}

function makeRow({ actions, drawer }) {
  let chat = null;
  const link = h("a", {
    class: "chat-link",
    dir: "auto",
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      actions.openChat(chat.id);
      drawer.close();
    },
    ondblclick: () => rename(),
  });
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () => openChatMenu(button, chat, { actions, rename }),
    },
    icon("more"),
  );
  const element = h("li", { class: "chat-row" }, link, button);

  const rename = () => {
    if (!link.isConnected) return;
    button.hidden = true;
    renameInPlace(link, chat.title ?? "", {
      save: (words) => actions.list.rename(chat, words),
      done: (byKey) => {
        button.hidden = false;
        if (byKey) button.focus();
      },
    });
  };

  return {
    element,
    update(next, isCurrent) {
      chat = next;
      const title = chat.title || gettext("New chat");
      setText(link, title);
      setAttribute(link, "title", title);
      setAttribute(link, "href", actions.pathOf(chat.id));
      setAttribute(link, "aria-current", isCurrent ? "page" : null);
      setAttribute(button, "aria-label", `${gettext("Menu of the chat")} ${title}`);
    },
  };
}
