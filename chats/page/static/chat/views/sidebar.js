// The list of chats beside the thread: grouped by day, more as one scrolls, a menu for each; a drawer on a narrow screen.

import { groupByDay } from "#chat/days";
import { h, setAttribute, setChildren, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { keep, recall } from "#chat/kept";
import { focusComposer } from "#chat/views/focus";
import { openMenu } from "#chat/views/menu";

export function mountSidebar({ store, actions }) {
  const drawer = mountDrawer();
  const list = document.getElementById("chats");
  const more = h("div", { class: "more-chats" });
  const rows = new Map();
  const groups = new Map();
  let drawn = null;

  document.getElementById("new-chat").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    actions.newChat();
    drawer.close();
    focusComposer();
  });

  new IntersectionObserver(([entry]) => {
    const { chats } = store.state;
    if (entry.isIntersecting && chats.next && chats.status === "ready") actions.loadChats();
  }).observe(more);

  store.watch((state) => {
    const key = [state.chats, state.chat?.id, state.phase];
    if (drawn && key.every((value, index) => value === drawn[index])) return;
    drawn = key;
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
    setChildren(list, [...sections, ...note(state.chats, actions), more]);
  });
}

function note({ items, status }, actions) {
  if (status === "failed") {
    const retry = h("button", { type: "button", class: "link", onclick: () => actions.loadChats() }, gettext("Try again"));
    return [h("p", { class: "sidebar-note" }, gettext("The list could not be read."), " ", retry)];
  }
  if (status === "ready" && items.length === 0) return [h("p", { class: "sidebar-note" }, gettext("Your chats will be listed here."))];
  return [];
}

function makeGroup(name) {
  const list = h("ul", {});
  return { list, element: h("section", {}, h("h2", {}, name), list) };
}

function makeRow({ actions, drawer }) {
  let chat = null;
  const link = h("a", {
    class: "chat-link",
    onclick: (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      actions.openChat(chat.id);
      drawer.close();
    },
  });
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () =>
        openMenu(button, [
          { name: gettext("Rename"), icon: "edit", run: () => rename() },
          { name: gettext("Delete"), icon: "trash", danger: true, run: () => actions.remove(chat) },
        ]),
    },
    icon("more"),
  );
  const element = h("li", { class: "chat-row" }, link, button);

  const rename = () => {
    const input = h("input", { class: "rename", maxlength: "100", "aria-label": gettext("Title of the chat") });
    input.value = chat.title ?? "";
    let done = false;
    const end = (save) => {
      if (done) return;
      done = true;
      if (save) actions.rename(chat, input.value);
      input.replaceWith(link);
      button.hidden = false;
      button.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) end(true);
      if (event.key === "Escape") end(false);
    });
    input.addEventListener("blur", () => end(true));
    link.replaceWith(input);
    button.hidden = true;
    input.focus();
    input.select();
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

/** Folds the sidebar away: beside the thread (remembered), or as a drawer over it on a narrow screen. */
function mountDrawer() {
  const page = document.getElementById("page");
  const main = document.getElementById("main");
  const sidebar = document.getElementById("sidebar");
  const openers = document.querySelectorAll("[data-toggles-sidebar]");
  const narrow = matchMedia("(max-width: 760px)");
  let open = false;

  const draw = () => {
    setAttribute(page, "data-sidebar", open ? "open" : "closed");
    setAttribute(sidebar, "inert", !open);
    setAttribute(main, "inert", open && narrow.matches);
    openers.forEach((opener) => setAttribute(opener, "aria-expanded", String(open)));
  };
  const set = (value) => {
    open = value;
    if (!narrow.matches) keep("sidebar", value ? null : "closed");
    draw();
  };
  const reset = () => {
    open = !narrow.matches && recall("sidebar") !== "closed";
    draw();
  };
  openers.forEach((opener) =>
    opener.addEventListener("click", () => {
      set(!open);
      const other = open ? sidebar : main;
      other.querySelector("[data-toggles-sidebar]")?.focus();
    }),
  );
  document.getElementById("backdrop").addEventListener("click", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && narrow.matches && !document.querySelector(":popover-open")) set(false);
  });
  narrow.addEventListener("change", reset);
  reset();
  return { close: () => narrow.matches && set(false) };
}
