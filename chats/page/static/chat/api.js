// The REST calls of the page, by session cookie. Every failure is an ApiError with words fit to be shown.

import { gettext } from "#chat/gettext";

/** `status` is the HTTP status, 0 when the server could not be reached; `field` names the input at fault, null when none is. */
export class ApiError extends Error {
  constructor(status, message, field = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
  }

  /** The session is over, or was never there. */
  get isLoggedOut() {
    return this.status === 401 || this.status === 403;
  }
}

export class Api {
  #base;
  #csrfCookie;

  /** `base` is the site's root path ("/", or "/prefix/"); `csrfCookie` the name of Django's CSRF cookie. */
  constructor({ base, csrfCookie }) {
    this.#base = base;
    this.#csrfCookie = csrfCookie;
  }

  /** {chats, next}: newest first; `after` is the `next` of the page before; `hidden`: the hidden ones and no others. */
  listChats({ after = null, limit = 40, hidden = false } = {}) {
    const query = new URLSearchParams({ limit, ...(after ? { after } : {}), ...(hidden ? { only_hidden: true } : {}) });
    return this.#call("GET", `chats?${query}`);
  }

  /** `key` makes a retry safe: the same key finds the chat that the first try made. `facts`: see settings/facts.js. */
  createChat(key, facts = {}) {
    return this.#call("POST", "chats", { body: facts, key });
  }

  getChat(id, { signal } = {}) {
    return this.#call("GET", `chats/${id}`, { signal });
  }

  updateChat(id, change) {
    return this.#call("PUT", `chats/${id}`, { body: change });
  }

  /** `keepalive` lets the call outlive the page. */
  deleteChat(id, { keepalive = false } = {}) {
    return this.#call("DELETE", `chats/${id}`, { keepalive });
  }

  /** {results, next_offset}: messages with these words, the best first, of hidden chats too. */
  search(words, { offset = 0, limit = 20, signal } = {}) {
    const query = new URLSearchParams({ q: words, offset, limit, include_hidden: true });
    return this.#call("GET", `chats/search?${query}`, { signal });
  }

  /** Where a chat is had as a file: "json", which can be imported, or "markdown". */
  exportPath(id, format) {
    return `${this.#base}api/chats/${id}/export?format=${format}`;
  }

  /** A new chat out of the text of an exported file. */
  importChat(text) {
    return this.#call("POST", "chats/import", { text });
  }

  shares(id) {
    return this.#call("GET", `chats/${id}/shares`);
  }

  share(id, messageId) {
    return this.#call("POST", `chats/${id}/shares`, { body: { message_id: messageId } });
  }

  revokeShare(id, shareId) {
    return this.#call("DELETE", `chats/${id}/shares/${shareId}`);
  }

  vote(chatId, messageId, score) {
    return this.#call("POST", `chats/${chatId}/messages/${messageId}/votes`, { body: { score } });
  }

  /** `report`: {report_type: "spam" | "offensive" | "feedback", reason}. */
  report(chatId, messageId, report) {
    return this.#call("POST", `chats/${chatId}/messages/${messageId}/reports`, { body: report });
  }

  /** The message is better than these siblings of it. */
  prefer(chatId, messageId, inferiorIds) {
    const body = { inferior_message_ids: inferiorIds };
    return this.#call("POST", `chats/${chatId}/messages/${messageId}/message_evals`, { body });
  }

  cancelMessage(chatId, messageId) {
    return this.#call("POST", `chats/${chatId}/messages/${messageId}/cancel`, { body: {} });
  }

  provenance(chatId, messageId) {
    return this.#call("GET", `chats/${chatId}/messages/${messageId}/provenance`);
  }

  modelConfigs() {
    return this.#call("GET", "configs/model_configs");
  }

  /** Any call of the API: what it answers. */
  call(method, path, options) {
    return this.#call(method, path, options);
  }

  async #call(method, path, { body, text = body === undefined ? undefined : JSON.stringify(body), key, keepalive, signal } = {}) {
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = readCookie(this.#csrfCookie);
    if (text !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers["Idempotency-Key"] = key;
    let response;
    try {
      response = await fetch(`${this.#base}api/${path}`, {
        method,
        headers,
        body: text,
        credentials: "same-origin",
        keepalive,
        signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, gettext("The server cannot be reached."));
    }
    if (!response.ok) throw await refusal(response);
    return readJson(response);
  }
}

async function refusal(response) {
  const { detail, field } = (await readJson(response)) ?? {};
  const words = typeof detail === "string" ? detail : statusWords(response.status);
  return new ApiError(response.status, words, field ?? null);
}

/** What a refusal is called that does not explain itself. */
export function statusWords(status) {
  return gettext("The server answered with an error.") + ` (${status})`;
}

async function readJson(response) {
  const text = await response.text().catch(() => "");
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function readCookie(name) {
  const pair = document.cookie.split("; ").find((entry) => entry.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}
