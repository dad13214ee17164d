// The line above the thread: the chat's title with its menu, and on a narrow screen the way to the list and to a new chat.

import { h, setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { openChatMenu } from "#chat/views/chat_menu";
import { focusComposer } from "#chat/views/focus";
import { renameInPlace } from "#chat/views/rename";

export function mountHeader({ store, actions }) {
  const title = document.getElementById("chat-title");
  const siteName = document.title;
  const words = h("span", { class: "chat-title-words", dir: "auto" });
  const button = h(
    "button",
    { type: "button", class: "title-button", "aria-haspopup": "menu", "aria-expanded": "false", title: gettext("Menu of the chat") },
    words,
    icon("chevron_down"),
  );
  title.append(button);
  button.addEventListener("click", () => {
    const { chat } = store.state;
    openChatMenu(button, chat, {
      actions,
      rename: () =>
        renameInPlace(button, chat.title ?? "", {
          save: (text) => actions.list.rename(chat, text),
          done: (byKey) => byKey && button.focus(),
        }),
    });
  });
  document.getElementById("header-new").addEventListener("click", (event) => {
    event.preventDefault();
    actions.newChat();
    focusComposer();
  });
  store.watch(({ chat, phase }) => {
    const name = phase === "missing" ? gettext("Not found") : (chat?.title ?? "");
    setText(words, name);
    title.hidden = name === "";
    button.disabled = phase === "missing";
    const wanted = name ? `${name} · ${siteName}` : siteName;
    if (document.title !== wanted) document.title = wanted;
  });
}
