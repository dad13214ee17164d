// What can be done with one chat: the same menu in the list and at the chat's title.

import { gettext } from "#chat/gettext";
import { openMenu } from "#chat/views/menu";
import { openShareDialog } from "#chat/views/share_dialog";

/** Opens the menu at `button`; `rename()` is the place's own way to change the title. */
export function openChatMenu(button, chat, { actions, rename }) {
  const { list } = actions;
  openMenu(button, [
    { name: gettext("Rename"), icon: "edit", run: rename },
    { name: gettext("Share…"), icon: "share", run: () => openShareDialog({ chat, actions }) },
    { name: gettext("Download as Markdown"), icon: "download", href: actions.exportPath(chat, "markdown") },
    { name: gettext("Download as JSON"), icon: "download", href: actions.exportPath(chat, "json") },
    chat.hidden
      ? { name: gettext("Show in the list"), icon: "eye", run: () => list.hide(chat, false) }
      : { name: gettext("Hide"), icon: "eye_off", run: () => list.hide(chat, true) },
    { name: gettext("Delete"), icon: "trash", danger: true, run: () => list.remove(chat, () => actions.newChat()) },
  ]);
}
