// Several replies to one prompt side by side (one below the other on a narrow screen), and the choice between them.

import { h, setAttribute, setChildren } from "#chat/dom";
import { gettext, interpolate } from "#chat/gettext";
import { icon } from "#chat/icons";
import { isBroken, isUnfinished } from "#chat/message_states";
import { branchSwitch } from "#chat/views/buttons";
import { focusComposer } from "#chat/views/focus";
import { makeReplyRow } from "#chat/views/reply_row";

export function makeDraftsRow(tools) {
  const { actions, hold } = tools;
  const columns = new Map(); // id of a draft -> its column
  const grid = h("div", { class: "drafts-grid" });
  const hint = h("p", { class: "hint" }, gettext("Which one is better? The chat goes on from the one that you choose; the others stay behind the arrows."));
  const branches = branchSwitch((id) => {
    hold();
    actions.chooseBranch(id);
  });
  const head = h("div", { class: "drafts-head" }, hint, branches.element);
  const element = h("section", { class: "drafts", "aria-label": gettext("Drafts side by side") }, head, grid);
  return {
    element,
    update({ drafts, siblings, index }) {
      grid.style.setProperty("--drafts", drafts.length);
      branches.update({ siblings, index });
      setChildren(
        grid,
        drafts.map((row, place) => {
          const { id } = row.message;
          if (!columns.has(id)) columns.set(id, makeColumn(tools));
          columns.get(id).update(row, place);
          return columns.get(id).element;
        }),
      );
    },
  };
}

function makeColumn(tools) {
  const reply = makeReplyRow(tools);
  let message = null;
  const choose = h(
    "button",
    {
      type: "button",
      class: "button choose",
      onclick: () => {
        tools.hold();
        tools.actions.feedback.prefer(message);
        focusComposer();
      },
    },
    icon("check"),
    gettext("Choose this one"),
  );
  const element = h("div", { class: "draft" }, reply.element, choose);
  return {
    element,
    update(row, place) {
      ({ message } = row);
      reply.update(row);
      const name = interpolate(gettext("Draft %(n)s"), { n: place + 1 });
      setAttribute(reply.element, "aria-label", name);
      setAttribute(choose, "aria-label", `${gettext("Choose this one")}: ${name}`);
      choose.disabled = isUnfinished(message) || isBroken(message);
    },
  };
}
