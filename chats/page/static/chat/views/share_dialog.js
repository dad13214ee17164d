// The links of a chat: make one to what is shown now, copy it, take it back.

import { h } from "#chat/dom";
import { gettext, language } from "#chat/gettext";
import { copyText } from "#chat/clipboard";
import { openDialog } from "#chat/views/dialog";

/** Opens the dialog for `chat`. */
export function openShareDialog({ chat, actions }) {
  const told = h("p", { class: "note", role: "status" });
  const list = h("ul", { class: "links" });
  const make = h("button", { type: "button", class: "button primary" }, gettext("Make a link"));
  const content = h(
    "div",
    { class: "dialog-body" },
    h("p", {}, gettext("Whoever has the link can read this chat as it is now, without logging in. What is said later is not in it. Nobody is told whose chat it is.")),
    make,
    told,
    list,
  );
  openDialog({ title: gettext("Share the chat"), content });

  const tell = (words, tone = "quiet") => {
    told.className = `note ${tone}`;
    told.textContent = words;
  };
  const attempt = async (work) => {
    try {
      await work();
    } catch (error) {
      tell(error.message, "error");
    }
  };
  const draw = (shares) => {
    list.replaceChildren(...shares.map(makeLink));
    make.classList.toggle("primary", shares.length === 0);
  };
  const read = () => attempt(async () => draw(await actions.shares(chat)));
  const copy = async (url, field) => {
    const copied = await copyText(url);
    if (!copied) field.select();
    tell(copied ? gettext("The link is copied.") : gettext("Copy the marked link with your keyboard."));
  };
  const makeLink = (share) => {
    const url = new URL(share.page_path, location.href).href;
    const made = new Date(share.created_at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
    const field = h("input", { class: "field", readonly: true, "aria-label": gettext("Link"), value: url, onfocus: () => field.select() });
    const revoke = () =>
      attempt(async () => {
        await actions.revokeShare(chat, share.id);
        tell(gettext("The link leads nowhere now."));
        await read();
        make.focus();
      });
    return h(
      "li",
      {},
      field,
      h("button", { type: "button", class: "button", onclick: () => copy(url, field) }, gettext("Copy")),
      h("a", { class: "button", href: url, target: "_blank", rel: "noopener noreferrer" }, gettext("Open")),
      h("button", { type: "button", class: "button danger", onclick: revoke }, gettext("Revoke")),
      h("small", {}, made),
    );
  };

  make.addEventListener("click", () =>
    attempt(async () => {
      make.disabled = true;
      try {
        const share = await actions.share(chat);
        await read();
        await copy(new URL(share.page_path, location.href).href, list.querySelector("input"));
      } finally {
        make.disabled = false;
      }
    }),
  );
  read();
}
