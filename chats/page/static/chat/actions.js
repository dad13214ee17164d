// What a person can do on the page: one verb each. Views call these; nothing else talks to the server.

import { Conversation } from "#chat/conversation";
import { gettext } from "#chat/gettext";
import { isUnfinished } from "#chat/message_states";
import { keep } from "#chat/kept";
import { runningReply, tailOf } from "#chat/thread_rows";

const UNDO_MS = 7000;

export class Actions {
  #store;
  #api;
  #config;
  #choice;
  #conversation = null;
  #removing = null; // {chat, timer}: removed from the list, not yet on the server

  /** `choice` gives the model and parameters for the next reply; `config` is the page's, see views.py. */
  constructor({ store, api, config, choice }) {
    this.#store = store;
    this.#api = api;
    this.#config = config;
    this.#choice = choice;
  }

  start() {
    addEventListener("popstate", () => this.#route());
    addEventListener("pagehide", () => this.#removeNow(true));
    this.loadModels();
    this.loadChats();
    this.#route();
  }

  async loadModels() {
    try {
      this.#dispatch("models_loaded", { models: await this.#api.modelConfigs() });
    } catch {
      this.#dispatch("models_failed");
    }
  }

  /** The next page of the list of chats; the first when there is none yet. */
  async loadChats() {
    this.#dispatch("chats_loading");
    try {
      const { chats, next } = await this.#api.listChats({ after: this.#state.chats.next });
      this.#dispatch("chats_page", { chats: chats.filter((chat) => chat.id !== this.#removing?.chat.id), next });
    } catch (error) {
      this.#dispatch("chats_failed");
      if (error.isLoggedOut) this.#dispatch("connection_changed", { status: "expired" });
    }
  }

  /** The path of a chat's own page, or of the empty one. */
  pathOf(chatId = null) {
    return chatId === null ? this.#config.base : `${this.#config.base}c/${chatId}`;
  }

  openChat(chatId) {
    if (this.#conversation?.chatId === chatId) return;
    history.pushState(null, "", this.pathOf(chatId));
    this.#route();
  }

  newChat() {
    if (location.pathname !== this.pathOf()) history.pushState(null, "", this.pathOf());
    this.#route();
  }

  /** Sends a prompt at the end of the shown path; false when it cannot be taken now (the words are then kept). */
  ask(content) {
    const words = content.trim();
    const busy = this.#state.outbox.some((item) => item.status === "sending") || runningReply(this.#state);
    if (words === "" || busy || ["loading", "missing", "failed"].includes(this.#state.phase)) return false;
    const tail = tailOf(this.#state);
    if (tail?.role === "prompter") return false;
    this.#send({ kind: "prompt", parent_id: tail?.id ?? null, content: words });
    return true;
  }

  /** The prompt in other words, as a new branch beside the old one. */
  edit(messageId, content) {
    const words = content.trim();
    const message = this.#state.messages[messageId];
    if (words === "" || !message) return false;
    this.#send({ kind: "prompt", parent_id: message.parent_id ?? null, content: words });
    return true;
  }

  /** Another reply to the prompt, as a new branch. A second click while one is being asked for does nothing. */
  regenerate(promptId) {
    if (this.#state.outbox.some((item) => item.parent_id === promptId && item.status === "sending")) return;
    this.#send({ kind: "regenerate", parent_id: promptId, content: null });
  }

  /** Sends again what was refused or could not be sent, with the model and preset that are chosen now. */
  retry(ref) {
    this.#dispatch("outbox_retried", { ref, options: this.#choice() });
    if (this.#conversation) {
      this.#conversation.forget(ref);
      this.#conversation.flush();
    } else {
      this.#makeChat(ref);
    }
  }

  discard(ref) {
    this.#dispatch("outbox_dropped", { ref });
  }

  async stop(messageId) {
    const message = this.#state.messages[messageId];
    if (!message || !isUnfinished(message)) return;
    this.#dispatch("stop_asked", { message_id: messageId });
    try {
      await this.#conversation?.stop(messageId);
    } catch (error) {
      this.#dispatch("stop_failed", { message_id: messageId });
      this.#notice(error.message);
    }
  }

  /** Shows another branch and lets the server remember it, so that the next visit shows it too. */
  chooseBranch(messageId) {
    this.#dispatch("branch_chosen", { message_id: messageId });
    const tail = tailOf(this.#state);
    const chatId = this.#state.chat?.id;
    if (tail && chatId) this.#api.updateChat(chatId, { active_thread_tail_message_id: tail.id }).catch(() => {});
  }

  /** What the server knows of how a reply came about; null when it cannot be had. */
  async provenance(message) {
    return this.#api.provenance(message.chat_id, message.id).catch(() => null);
  }

  /** Tries the lost connection now, sooner than its backoff would. */
  reconnect() {
    this.#conversation?.renew();
  }

  async rename(chat, title) {
    const name = title.trim().slice(0, 100);
    if (name === "" || name === chat.title) return;
    this.#dispatch("chat", { chat: { ...chat, title: name } });
    try {
      await this.#api.updateChat(chat.id, { title: name });
    } catch (error) {
      this.#dispatch("chat", { chat });
      this.#notice(error.message);
    }
  }

  /** Takes the chat away; for some seconds it can be had back. */
  remove(chat) {
    this.#removeNow();
    this.#dispatch("chat_removed", { chat_id: chat.id });
    if (this.#state.chat?.id === chat.id) this.newChat();
    this.#removing = { chat, timer: setTimeout(() => this.#removeNow(), UNDO_MS) };
    this.#notice(gettext("Chat deleted."), { name: gettext("Undo"), run: () => this.#undoRemove(chat) });
  }

  /** Takes the notice away; what it offered to undo is then done. */
  dismissNotice() {
    this.#dispatch("noticed", { notice: null });
    this.#removeNow();
  }

  get #state() {
    return this.#store.state;
  }

  #dispatch(eventType, fields = {}) {
    this.#store.dispatch({ event_type: eventType, ...fields });
  }

  #notice(text, action = null) {
    this.#dispatch("noticed", { notice: { text, action } });
  }

  /** Opens what the address names. */
  #route() {
    const [, chatId] = /\/c\/([^/]+)\/?$/.exec(location.pathname) ?? [];
    if (chatId && chatId === this.#conversation?.chatId) return;
    this.#conversation?.close();
    this.#conversation = null;
    if (chatId) this.#enter(chatId, false);
    else this.#dispatch("chat_left");
  }

  #enter(chatId, keepOutbox) {
    this.#dispatch("chat_opening", { chat_id: chatId, keep_outbox: keepOutbox });
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socketUrl = `${scheme}//${location.host}${this.#config.base}ws/chats/${chatId}`;
    this.#conversation = new Conversation({ chatId, store: this.#store, api: this.#api, socketUrl });
    this.#conversation.open();
  }

  #send(item) {
    const ref = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // randomUUID needs HTTPS or localhost
    this.#dispatch("outbox_added", { item: { ...item, ref, options: this.#choice() } });
    if (this.#conversation) this.#conversation.flush();
    else this.#makeChat(ref);
  }

  /** The first prompt makes its chat. */
  async #makeChat(ref) {
    let chat;
    try {
      chat = await this.#api.createChat(ref);
    } catch (error) {
      if (error.isLoggedOut) this.#dispatch("connection_changed", { status: "expired" });
      this.#dispatch("outbox_failed", { ref, error: { text: error.message, code: error.status } });
      return;
    }
    this.#dispatch("chat_added", { chat });
    if (!this.#state.outbox.some((item) => item.ref === ref)) return; // the person went elsewhere meanwhile
    history.pushState(null, "", this.pathOf(chat.id));
    this.#enter(chat.id, true);
    keep("draft:new", null);
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
    try {
      await this.#api.deleteChat(removing.chat.id, { keepalive: leaving });
    } catch (error) {
      if (error.status === 404) return;
      this.#dispatch("chat_added", { chat: removing.chat });
      this.#notice(error.message);
    }
  }
}
