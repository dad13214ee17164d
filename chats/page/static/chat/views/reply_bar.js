// What can be done with a reply, in a line under it: copy, ask again, vote, report, the arrows between branches.

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { icon } from "#chat/icons";
import { openAgainDialog } from "#chat/views/again_dialog";
import { branchSwitch, copyButton, iconButton } from "#chat/views/buttons";
import { focusComposer } from "#chat/views/focus";
import { openMenu } from "#chat/views/menu";
import { openReportDialog } from "#chat/views/report_dialog";
import { makeStamp } from "#chat/views/stamp";

/** `further`: buttons of whoever draws the reply, put before the arrows. */
export function makeReplyBar({ actions, hold, further = [] }) {
  let message = null;
  const branches = branchSwitch((id) => {
    hold();
    actions.chooseBranch(id);
  });
  const again = (wanted) => {
    actions.regenerate(message.parent_id, wanted);
    focusComposer(); // the button goes away under the cursor
  };
  const vote = (score) => actions.feedback.vote(message, message.score === score ? 0 : score);
  const good = iconButton("thumb_up", gettext("Good reply"), () => vote(1));
  const bad = iconButton("thumb_down", gettext("Bad reply"), () => vote(-1));
  const reported = h("span", { class: "reported", title: gettext("You have reported this reply."), hidden: true }, icon("flag"));
  reported.append(h("span", { class: "visually-hidden" }, gettext("You have reported this reply.")));
  const more = iconButton("more", gettext("More about this reply"), () => openMenu(more, menuItems()), {
    "aria-haspopup": "menu",
    "aria-expanded": "false",
  });
  const menuItems = () => [
    { name: gettext("Two more, side by side"), icon: "columns", run: () => again({ drafts: 2 }) },
    { name: gettext("Three more, side by side"), icon: "columns", run: () => again({ drafts: 3 }) },
    { name: gettext("With another model or preset…"), icon: "sliders", run: () => openAgainDialog({ actions, ask: again }) },
    { name: gettext("Report…"), icon: "flag", run: () => openReportDialog({ message, actions }) },
  ];
  const stamp = makeStamp();
  const element = h(
    "div",
    { class: "message-bar" },
    copyButton(gettext("Copy"), () => message.content ?? ""),
    iconButton("retry", gettext("Another reply"), () => again()),
    good,
    bad,
    further,
    more,
    reported,
    branches.element,
    stamp.element,
  );
  return {
    element,
    again: () => again(),
    update(row, running) {
      ({ message } = row);
      element.classList.toggle("only-branches", running); // its room is kept, so that nothing moves when the reply ends
      stamp.update(message.work_end_at ?? message.created_at, message.resumptions?.length > 0);
      setAttribute(good, "aria-pressed", String(message.score === 1));
      setAttribute(bad, "aria-pressed", String(message.score === -1));
      element.classList.toggle("voted", Boolean(message.score) || message.reports?.length > 0);
      reported.hidden = !message.reports?.length;
      branches.update(row);
    },
  };
}
