// The line above the thread: the chat's title, and on a narrow screen the way to the list and to a new chat.

import { setText } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { focusComposer } from "#chat/views/focus";

export function mountHeader({ store, actions }) {
  const title = document.getElementById("chat-title");
  const siteName = document.title;
  document.getElementById("header-new").addEventListener("click", (event) => {
    event.preventDefault();
    actions.newChat();
    focusComposer();
  });
  store.watch(({ chat, phase }) => {
    const name = phase === "missing" ? gettext("Not found") : (chat?.title ?? "");
    setText(title, name);
    title.hidden = name === "";
    const wanted = name ? `${name} · ${siteName}` : siteName;
    if (document.title !== wanted) document.title = wanted;
  });
}
