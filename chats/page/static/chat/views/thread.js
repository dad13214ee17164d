// The thread: one row per message of the active path, kept in step with the state; scrolling, copying code, announcing.

import { h, setAttribute, setChildren } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { isUnfinished } from "#chat/message_states";
import { StickyScroll } from "#chat/sticky_scroll";
import { isSameRow, threadRows } from "#chat/thread_rows";
import { copyCode } from "#chat/views/code_copying";
import { makeDraftsRow } from "#chat/views/drafts_row";
import { makeOutgoingRow, makePromptRow } from "#chat/views/prompt_row";
import { makeAskedRow, makeReplyRow, makeUnansweredRow } from "#chat/views/reply_row";
import { makeWelcome } from "#chat/views/welcome";
import { announcement } from "#chat/words";

const ROWS_BEFORE = 6; // above a message that is sought
const ROWS_AT_A_TIME = 40; // a chat of a thousand messages opens as fast as one of ten

export function mountThread({ store, actions, choice }) {
  const thread = document.getElementById("thread");
  const jump = document.getElementById("jump");
  const announcer = document.getElementById("announcer");
  const scroller = document.getElementById("scroller");
  const scroll = new StickyScroll(scroller, thread, (away) => setAttribute(jump, "hidden", !away));
  const area = document.getElementById("prompt");
  const tools = {
    actions,
    hold: () => scroll.hold(),
    announceEnd: (message) => (announcer.textContent = announcement(message)),
    giveBack(text) {
      area.value = text;
      area.dispatchEvent(new Event("input"));
      area.focus();
    },
  };
  const makers = {
    prompt: makePromptRow,
    reply: makeReplyRow,
    drafts: makeDraftsRow,
    outgoing: makeOutgoingRow,
    asked: makeAskedRow,
    unanswered: makeUnansweredRow,
  };
  const views = new Map();
  const welcome = makeWelcome({ actions, choice });
  const earlier = makeEarlier(scroller, () =>
    scroll.keepPlace(() => {
      hiddenRows = Math.max(0, hiddenRows - ROWS_AT_A_TIME);
      draw(store.state);
    }),
  );
  let lastChat = null;
  let lastPhase = null;
  let lastOutbox = null;
  let hiddenRows = 0;

  jump.addEventListener("click", () => scroll.toBottom({ smooth: true }));
  thread.addEventListener("click", copyCode);

  const draw = (state) => {
    const chatId = state.chat?.id ?? null;
    const entered = chatId !== lastChat;
    const all = threadRows(state);
    const atMost = Math.max(0, all.length - ROWS_AT_A_TIME);
    hiddenRows = lastPhase !== "ready" || entered ? atMost : Math.min(hiddenRows, atMost);
    const soughtAt = state.sought ? all.findIndex((row) => row.message?.id === state.sought) : -1;
    if (soughtAt !== -1) hiddenRows = Math.min(hiddenRows, Math.max(0, soughtAt - ROWS_BEFORE));
    const rows = all.slice(hiddenRows);
    const answered = state.outbox.length < (lastOutbox?.length ?? 0);
    const used = new Set();
    const elements = rows.map((row) => {
      const key = `${row.kind} ${row.key}`;
      used.add(key);
      if (!views.has(key)) views.set(key, { view: makers[row.kind](tools), row: null });
      const entry = views.get(key);
      const overBeforeDrawn = answered && row === rows.at(-1) && row.kind === "reply" && !entry.row && !isUnfinished(row.message);
      if (overBeforeDrawn) tools.announceEnd(row.message);
      if (!entry.row || !isSameRow(entry.row, row)) entry.view.update(row);
      entry.row = row;
      return entry.view.element;
    });
    for (const key of views.keys()) if (!used.has(key)) views.delete(key);
    setAttribute(thread, "aria-busy", String(state.phase === "loading"));
    setAttribute(document.getElementById("page"), "data-phase", rows.length === 0 ? state.phase : "ready");
    if (rows.length < all.length) elements.unshift(earlier);
    setChildren(thread, elements.length > 0 ? elements : placeholder(state, welcome));
    const asked = state.outbox.length > (lastOutbox?.length ?? 0);
    if (soughtAt !== -1) bringIntoSight(elements[soughtAt - hiddenRows + (rows.length < all.length ? 1 : 0)]);
    else if (asked || entered) scroll.toBottom();
    lastChat = chatId;
    lastPhase = state.phase;
    lastOutbox = state.outbox;
  };
  /** The message that was sought: in sight, marked for a moment, and where the keyboard goes on. */
  const bringIntoSight = (element) => {
    scroll.hold();
    element.classList.remove("sought");
    void element.offsetWidth; // begins the animation anew
    element.classList.add("sought"); // which has a margin above it, too
    element.scrollIntoView({ block: "start" });
    actions.found();
  };
  store.watch(draw);
}

/** Stands above the rows that are shown while there are older ones; brings them when it comes into sight. */
function makeEarlier(scroller, show) {
  const button = h("button", { type: "button", class: "button earlier", onclick: show }, gettext("Earlier messages"));
  const inSight = ([entry]) => entry.isIntersecting && show();
  new IntersectionObserver(inSight, { root: scroller, rootMargin: "600px 0px 0px" }).observe(button);
  return button;
}

function placeholder(state, welcome) {
  switch (state.phase) {
    case "missing":
      return [
        h(
          "div",
          { class: "empty" },
          icon("alert"),
          h("h1", {}, gettext("This chat does not exist.")),
          h("p", {}, gettext("It was deleted, or it is not yours.")),
        ),
      ];
    case "loading":
    case "failed":
      return [];
    default:
      welcome.update(state);
      return [welcome.element];
  }
}
