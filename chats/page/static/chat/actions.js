// What a person can do on the page: one verb each. Views call these; nothing else talks to the server.

import { ApiError } from "#chat/api";
import { Conversation } from "#chat/conversation";
import { Feedback } from "#chat/feedback";
import { isUnfinished } from "#chat/message_states";
import { keep } from "#chat/kept";
import { ListActions } from "#chat/list_actions";
import { watchList } from "#chat/list_watch";
import { presetsFor } from "#chat/settings/choosing";
import { runningReplies, tailOf } from "#chat/thread_rows";

const MESSAGE_HASH = /^#([0-9a-f-]{36})$/;

export class Actions {
  #store;
  #api;
  #config;
  #choice;
  #conversation = null;

  /** `choice` gives the model and parameters for the next reply; `config` is the page's, see views.py. */
  constructor({ store, api, config, choice }) {
    this.#store = store;
    this.#api = api;
    this.#config = config;
    this.#choice = choice;
    this.list = new ListActions({ store, api });
    this.feedback = new Feedback({ store, api, stop: (messageId) => this.stop(messageId) });
  }

  start() {
    addEventListener("popstate", () => this.#route());
    this.loadModels();
    this.list.load();
    this.#route();
    watchList({
      url: this.#socketUrl("ws/chats"),
      list: this.list,
      expired: () => this.#dispatch("connection_changed", { status: "expired" }),
    });
  }

  async loadModels() {
    let models;
    try {
      models = await this.#api.modelConfigs();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#dispatch("models_failed");
      return;
    }
    this.#dispatch("models_loaded", { models });
  }

  /** The path of a chat's own page, or of the empty one. */
  pathOf(chatId = null) {
    return chatId === null ? this.#config.base : `${this.#config.base}c/${chatId}`;
  }

  /** Opens a chat, at one of its messages if one is named. */
  openChat(chatId, messageId = null) {
    const path = this.pathOf(chatId) + (messageId ? `#${messageId}` : "");
    if (this.#conversation?.chatId !== chatId) history.pushState(null, "", path);
    else if (messageId) history.replaceState(null, "", path);
    this.#route();
  }

  /** The message that was sought is in sight: a reload need not go there again. */
  found() {
    history.replaceState(null, "", location.pathname);
    this.#dispatch("message_found");
  }

  newChat() {
    if (location.pathname !== this.pathOf()) history.pushState(null, "", this.pathOf());
    this.#route();
  }

  /** What the next reply is asked for with: fields of a command. */
  choice() {
    return this.#choice();
  }

  /** The models that can be chosen. */
  models() {
    return this.#state.models.items;
  }

  /** The presets for a model, the catalogue's and one's own; see settings/choosing.js. */
  presetsFor(model) {
    return presetsFor(model, this.#state.presets);
  }

  /**
   * Sends a prompt at the end of the shown path, for one reply or several drafts; false when it cannot be taken now (the
   * words are then kept).
   */
  ask(content, { drafts = 1 } = {}) {
    const words = content.trim();
    const busy = this.#state.outbox.some((item) => item.status === "sending") || runningReplies(this.#state).length > 0;
    if (words === "" || busy || ["loading", "missing", "failed"].includes(this.#state.phase)) return false;
    const tail = tailOf(this.#state);
    if (tail?.role === "prompter") return false;
    this.#send({ kind: "prompt", parent_id: tail?.id ?? null, content: words }, { drafts });
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

  /**
   * Another reply to the prompt, or several drafts, as new branches; `options` in the place of what is chosen now. A second
   * click while one is being asked for does nothing.
   */
  regenerate(promptId, { drafts = 1, options = this.#choice() } = {}) {
    if (this.#state.outbox.some((item) => item.parent_id === promptId && item.status === "sending")) return;
    this.#send({ kind: "regenerate", parent_id: promptId, content: null }, { drafts, options });
  }

  /** What can be chosen is known now: what was asked before that gets its options, and goes out. */
  optionsKnown() {
    for (const { ref, options, status } of this.#state.outbox) {
      if (options === null && status === "sending") this.#dispatch("outbox_retried", { ref, options: this.#choice() });
    }
    this.#conversation?.flush();
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

  /** Where the chat is had as a file: "json" or "markdown". */
  exportPath(chat, format) {
    return this.#api.exportPath(chat.id, format);
  }

  /** The links of a chat, newest first. */
  shares(chat) {
    return this.#api.shares(chat.id);
  }

  /** A link to the branch that is shown; of a chat that is not open, to the one that was shown last. */
  share(chat) {
    const tail = chat.id === this.#state.chat?.id ? tailOf(this.#state) : null;
    return this.#api.share(chat.id, tail?.id ?? null);
  }

  revokeShare(chat, shareId) {
    return this.#api.revokeShare(chat.id, shareId);
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
    const [, sought] = MESSAGE_HASH.exec(location.hash) ?? [];
    if (!chatId || chatId !== this.#conversation?.chatId) {
      this.#conversation?.close();
      this.#conversation = null;
      if (chatId) this.#enter(chatId, false);
      else this.#dispatch("chat_left");
    }
    if (chatId && sought) this.#dispatch("message_sought", { message_id: sought });
  }

  #enter(chatId, keepOutbox) {
    this.#dispatch("chat_opening", { chat_id: chatId, keep_outbox: keepOutbox });
    const socketUrl = this.#socketUrl(`ws/chats/${chatId}`);
    this.#conversation = new Conversation({ chatId, store: this.#store, api: this.#api, socketUrl });
    this.#conversation.open();
  }

  #socketUrl(path) {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${this.#config.base}${path}`;
  }

  #send(item, { drafts = 1, options = this.#choice() } = {}) {
    const ref = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`; // randomUUID needs HTTPS or localhost
    this.#dispatch("outbox_added", { item: { ...item, ref, drafts, options } });
    if (this.#conversation) this.#conversation.flush();
    else this.#makeChat(ref);
  }

  /** The first prompt makes its chat. */
  async #makeChat(ref) {
    let chat;
    try {
      chat = await this.#api.createChat(ref, this.#state.newChat);
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
}
