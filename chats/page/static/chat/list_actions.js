// What a person can do with the list of chats: read on, search, rename, hide, delete, bring a file in. One verb each.

import { gettext, interpolate } from "#chat/gettext";
import { keep } from "#chat/kept";

const UNDO_MS = 7000;
const PAGE = 40;
const MOST = 100; // chats in one answer

export class ListActions {
  #store;
  #api;
  #removing = null; // {chat, timer}: taken from the list, not yet deleted on the server
  #refreshing = false;
  #again = false; // something was heard while the list was being read: what is read may be older
  #search = null; // AbortController of the search under way

  constructor({ store, api }) {
    this.#store = store;
    this.#api = api;
    addEventListener("pagehide", () => this.#removeNow(true));
  }

  /** The next page of the list; the first when there is none yet. */
  async load() {
    const { next, hidden } = this.#list;
    this.#dispatch("chats_loading");
    try {
      const page = await this.#api.listChats({ after: next, limit: PAGE, hidden });
      this.#dispatch("chats_page", { ...page, hidden });
    } catch (error) {
      this.#dispatch("chats_failed");
      this.#expire(error);
    }
  }

  /** The newest page again, since something may have been missed. A failure leaves the list as it is. */
  async refresh() {
    if (this.#refreshing) {
      this.#again = true;
      return;
    }
    this.#refreshing = true;
    try {
      do {
        this.#again = false;
        const { hidden, items } = this.#list;
        const limit = Math.min(MOST, Math.max(PAGE, items.length));
        this.#dispatch("chats_refreshed", { ...(await this.#api.listChats({ limit, hidden })), hidden });
      } while (this.#again);
    } catch (error) {
      this.#expire(error);
    } finally {
      this.#refreshing = false;
    }
  }

  /** An event of the list's socket. */
  hear(event) {
    this.#store.dispatch(event);
    if (this.#refreshing) this.#again = true;
    if (this.#list.stale) this.refresh();
  }

  /** Shows the chats that were hidden, or the others again. */
  showHidden(hidden) {
    if (hidden === this.#list.hidden) return;
    this.#dispatch("chats_switched", { hidden });
    this.load();
  }

  /** Looks for words in all chats; an empty text shows the list again. */
  async search(text) {
    this.#search?.abort();
    const words = text.trim();
    if (words === "") return this.#dispatch("search_left");
    const { signal } = (this.#search = new AbortController());
    this.#dispatch("search_begun", { words });
    await this.#find(words, 0, signal);
  }

  /** Further hits of the same search. */
  async searchOn() {
    const { words, next, status } = this.#store.state.search ?? {};
    if (next === null || status !== "ready") return;
    this.#dispatch("search_begun", { words });
    await this.#find(words, next, this.#search.signal);
  }

  async rename(chat, title) {
    const name = title.trim().slice(0, 100);
    if (name !== "" && name !== chat.title) await this.#change(chat, { title: name });
  }

  /** Takes the chat out of the list, or back into it; nothing is deleted. */
  async hide(chat, hidden) {
    const done = await this.#change(chat, { hidden });
    if (!done) return;
    const undo = () => {
      this.#dispatch("noticed", { notice: null });
      this.#change({ ...chat, hidden }, { hidden: !hidden });
    };
    this.#notice(hidden ? gettext("Chat hidden.") : gettext("The chat is back in the list."), { name: gettext("Undo"), run: undo });
  }

  /** Takes the chat away; for some seconds it can be had back. `leave` is called when it is the one that is open. */
  remove(chat, leave) {
    this.#removeNow();
    this.#dispatch("chat_removed", { chat_id: chat.id });
    if (this.#store.state.chat?.id === chat.id) leave();
    this.#removing = { chat, timer: setTimeout(() => this.#removeNow(), UNDO_MS) };
    this.#notice(gettext("Chat deleted."), { name: gettext("Undo"), run: () => this.#undoRemove(chat) });
  }

  /** Takes the notice away; what it offered to undo is then done. */
  dismissNotice() {
    this.#dispatch("noticed", { notice: null });
    this.#removeNow();
  }

  /** A new chat out of a file that was downloaded here; its id, or null when it is no such file. */
  async importFile(file) {
    try {
      const chat = await this.#api.importChat(await file.text());
      this.#dispatch("chat_added", { chat });
      return chat.id;
    } catch (error) {
      this.#notice(interpolate(gettext("%(name)s was not imported."), { name: file.name }) + ` ${error.message}`);
      return null;
    }
  }

  get #list() {
    return this.#store.state.chats;
  }

  #dispatch(eventType, fields = {}) {
    this.#store.dispatch({ event_type: eventType, ...fields });
  }

  #notice(text, action = null) {
    this.#dispatch("noticed", { notice: { text, action } });
  }

  #expire(error) {
    if (error.isLoggedOut) this.#dispatch("connection_changed", { status: "expired" });
  }

  async #find(words, offset, signal) {
    try {
      const { results, next_offset: next } = await this.#api.search(words, { offset, signal });
      this.#dispatch("search_found", { words, offset, results, next });
    } catch (error) {
      if (signal.aborted) return;
      this.#dispatch("search_failed", { words, error: error.message });
      this.#expire(error);
    }
  }

  /** Shown at once, and taken back with the reason when the server will not have it; whether it did. */
  async #change(chat, change) {
    this.#dispatch("chat_changed", { chat: { ...chat, ...change } });
    try {
      await this.#api.updateChat(chat.id, change);
      return true;
    } catch (error) {
      this.#dispatch("chat_changed", { chat });
      this.#notice(error.message);
      return false;
    }
  }

  #undoRemove(chat) {
    if (this.#removing?.chat.id !== chat.id) return;
    clearTimeout(this.#removing.timer);
    this.#removing = null;
    this.#dispatch("chat_added", { chat });
    this.dismissNotice();
  }

  async #removeNow(leaving = false) {
    const removing = this.#removing;
    if (!removing) return;
    clearTimeout(removing.timer);
    this.#removing = null;
    keep(`draft:${removing.chat.id}`, null);
    try {
      await this.#api.deleteChat(removing.chat.id, { keepalive: leaving });
    } catch (error) {
      if (error.status === 404) return;
      this.#dispatch("chat_added", { chat: removing.chat });
      this.#notice(error.message);
    }
  }
}
