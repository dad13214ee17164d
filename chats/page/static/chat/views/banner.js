// The quiet line under the header while the connection is lost or the session is over.

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";
import { Patience } from "#chat/patience";

const PATIENCE_MS = 1200; // a loss that heals sooner is nobody's business

export function mountBanner({ store, actions, config }) {
  const banner = document.getElementById("banner");
  const show = (status) => {
    setAttribute(banner, "hidden", status === "");
    banner.replaceChildren();
    if (status === "lost") {
      const now = h("button", { type: "button", class: "link-button", onclick: () => actions.reconnect() }, gettext("Try now"));
      banner.append(h("span", { class: "spinner" }), gettext("Connection lost. Reconnecting…"), now);
    } else if (status === "expired") {
      const next = encodeURIComponent(location.pathname);
      banner.append(gettext("You are logged out."), " ", h("a", { href: `${config.login}?next=${next}` }, gettext("Log in again")));
    }
  };
  const patience = new Patience("", show);

  store.watch(({ connection, phase }) => {
    const failed = phase === "failed" && connection.status !== "expired";
    const status = failed ? "lost" : ["lost", "expired"].includes(connection.status) ? connection.status : "";
    patience.see(status, status === "lost" ? PATIENCE_MS : 0);
  });
}
