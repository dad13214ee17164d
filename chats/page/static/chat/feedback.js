// What a person says of replies: votes, reports, and which of several drafts is the best. Shown at once; taken back, with the
// reason, when the server will not have it.

import { gettext } from "#chat/gettext";
import { isUnfinished } from "#chat/message_states";
import { draftsOf } from "#chat/drafts";

export class Feedback {
  #store;
  #api;
  #stop;

  /** `stop(messageId)` ends a reply that is still written. */
  constructor({ store, api, stop }) {
    this.#store = store;
    this.#api = api;
    this.#stop = stop;
  }

  /** Good (1), bad (-1), or neither (0). */
  async vote({ id, chat_id, score: before }, score) {
    this.#dispatch("voted", { message_id: id, score });
    try {
      await this.#api.vote(chat_id, id, score);
    } catch (error) {
      this.#dispatch("voted", { message_id: id, score: before ?? 0 });
      this.#notice(error.message);
    }
  }

  /** Tells the people who run the service. Throws an ApiError. */
  async report(message, { type, reason }) {
    await this.#api.report(message.chat_id, message.id, { report_type: type, reason });
    this.#notice(gettext("Thank you. The people who run this service will see your report."));
  }

  /** This draft is better than the others of its group; the chat goes on from it, and what is still written ends. */
  async prefer(selected) {
    const group = selected.draft_group;
    const drafts = draftsOf(this.#store.state.messages, selected);
    const ids = drafts.map(({ id }) => id);
    const inferior = ids.filter((id) => id !== selected.id);
    if (group === null || inferior.length === 0) return;
    drafts.filter((draft) => isUnfinished(draft)).forEach(({ id }) => this.#stop(id));
    this.#dispatch("branch_chosen", { message_id: selected.id });
    this.#dispatch("drafts_grouped", { ids, draft_group: null });
    try {
      await this.#api.prefer(selected.chat_id, selected.id, inferior);
    } catch (error) {
      this.#dispatch("drafts_grouped", { ids, draft_group: group });
      this.#notice(error.message);
    }
  }

  #dispatch(eventType, fields) {
    this.#store.dispatch({ event_type: eventType, ...fields });
  }

  #notice(text) {
    this.#dispatch("noticed", { notice: { text, action: null } });
  }
}
