// When a message came about: the time of day, or the day too; the whole of it on hovering.

import { stampWords } from "#chat/days";
import { h, setAttribute, setText } from "#chat/dom";
import { gettext, language } from "#chat/gettext";

/** `update(time, resumed)`: `time` in ISO 8601, or null while there is none; `resumed` when the reply was taken up again. */
export function makeStamp() {
  const time = h("time", {});
  let shown = null;
  const again = h("span", { hidden: true, title: gettext("Its worker was lost, and another one went on with it.") }, ` · ${gettext("resumed")}`);
  const element = h("span", { class: "stamp" }, time, again);
  return {
    element,
    update(iso, resumed = false) {
      again.hidden = !resumed;
      if (iso === shown) return;
      shown = iso;
      element.hidden = !iso;
      if (!iso) return;
      const date = new Date(iso);
      setText(time, stampWords(date, new Date()));
      setAttribute(time, "datetime", iso);
      setAttribute(time, "title", date.toLocaleString(language, { dateStyle: "full", timeStyle: "medium" }));
    },
  };
}
