// What a person can do about models, presets, preferences, keys and the account: one verb each, over REST.

import { ApiError } from "#chat/api";
import { differing } from "#chat/settings/facts";

export class SettingsActions {
  #store;
  #api;
  #config;

  constructor({ store, api, config }) {
    this.#store = store;
    this.#api = api;
    this.#config = config;
  }

  /** Reads what the page needs from the first moment on; what cannot be had now is asked for again when it is shown. */
  start() {
    this.loadAvailability();
    this.loadPresets();
    this.loadPreferences();
  }

  /**
   * These three resolve to the ApiError that kept away what was asked for, else to null; presets and preferences that were
   * known before stay.
   */
  loadAvailability() {
    const take = (availability) => this.#dispatch("availability_loaded", { availability });
    return this.#load("configs/availability", take, "availability_failed");
  }

  loadPresets() {
    return this.#load("presets", (presets) => this.#dispatch("presets_loaded", { presets }), "presets_failed");
  }

  loadPreferences() {
    return this.#load("preferences", (preferences) => this.#dispatch("preferences_loaded", { preferences }));
  }

  /** The verbs from here on raise an ApiError when the server refuses. */
  async savePreferences(changes) {
    this.#dispatch("preferences_loaded", { preferences: await this.#api.call("PUT", "preferences", { body: changes }) });
  }

  /** Keeps {name, sampling_parameters, seed}; with an `id` it changes that preset. The stored one. */
  async savePreset({ id = null, ...fields }) {
    const preset = await this.#api.call(id ? "PUT" : "POST", id ? `presets/${id}` : "presets", { body: fields });
    this.#dispatch("preset_saved", { preset });
    return preset;
  }

  async deletePreset(id) {
    await this.#api.call("DELETE", `presets/${id}`);
    this.#dispatch("preset_deleted", { id });
  }

  /** Instructions and data use of the open chat, or of the one to come. */
  async saveFacts(facts) {
    const { chat, preferences } = this.#store.state;
    if (!chat) {
      this.#dispatch("new_chat_facts", { facts: differing(facts, preferences ?? {}) });
      return;
    }
    const changes = differing(facts, chat);
    if (Object.keys(changes).length === 0) return;
    await this.#api.call("PUT", `chats/${chat.id}`, { body: changes });
    this.#dispatch("chat", { chat: { id: chat.id, ...changes } });
  }

  listKeys() {
    return this.#api.call("GET", "auth/api_keys");
  }

  /** The new key; `key`, its secret, is in this answer alone. */
  makeKey(fields) {
    return this.#api.call("POST", "auth/api_keys", { body: fields });
  }

  revokeKey(id) {
    return this.#api.call("DELETE", `auth/api_keys/${id}`);
  }

  usage() {
    return this.#api.call("GET", "usage?days=30");
  }

  get exportAddress() {
    return `${this.#config.base}api/account/export`;
  }

  get userName() {
    return this.#config.user;
  }

  /** Deletes everything of this person and leaves for the login page. */
  async deleteAccount() {
    await this.#api.call("DELETE", "account/");
    location.assign(this.#config.login);
  }

  get base() {
    return this.#config.base;
  }

  /** `failed`: the event of a failure, if there is one. An error of the page itself is raised. */
  async #load(path, take, failed = null) {
    let answer;
    try {
      answer = await this.#api.call("GET", path);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (failed) this.#dispatch(failed);
      return error;
    }
    take(answer);
    return null;
  }

  #dispatch(eventType, fields = {}) {
    this.#store.dispatch({ event_type: eventType, ...fields });
  }
}
