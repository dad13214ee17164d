// What can be done with a reply, in a line under it: copy, ask again, the arrows between branches.

import { h } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { branchSwitch, copyButton, iconButton } from "#chat/views/buttons";
import { focusComposer } from "#chat/views/focus";
import { makeStamp } from "#chat/views/stamp";

/** `further`: buttons of whoever draws the reply, put before the arrows. */
export function makeReplyBar({ actions, hold, further = [] }) {
  let message = null;
  const branches = branchSwitch((id) => {
    hold();
    actions.chooseBranch(id);
  });
  const again = () => {
    actions.regenerate(message.parent_id);
    focusComposer(); // the button goes away under the cursor
  };
  const stamp = makeStamp();
  const element = h(
    "div",
    { class: "message-bar" },
    copyButton(gettext("Copy"), () => message.content ?? ""),
    iconButton("retry", gettext("Another reply"), again),
    further,
    branches.element,
    stamp.element,
  );
  return {
    element,
    again,
    update(row, running) {
      ({ message } = row);
      element.hidden = running && row.siblings.length < 2;
      element.classList.toggle("only-branches", running);
      branches.update(row);
      stamp.update(message.work_end_at ?? message.created_at, message.resumptions?.length > 0);
    },
  };
}
