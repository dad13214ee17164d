// The quiet line under the header while the connection is lost or the session is over.

import { h, setAttribute } from "#chat/dom";
import { gettext } from "#chat/gettext";

const PATIENCE_MS = 1200; // a loss that heals sooner is nobody's business

export function mountBanner({ store, config }) {
  const banner = document.getElementById("banner");
  let shown = "";
  let timer = null;

  const show = (status) => {
    shown = status;
    setAttribute(banner, "hidden", status === "");
    banner.replaceChildren();
    if (status === "lost") {
      banner.append(h("span", { class: "spinner" }), gettext("Connection lost. Reconnecting…"));
    } else if (status === "expired") {
      const next = encodeURIComponent(location.pathname);
      banner.append(gettext("You are logged out."), " ", h("a", { href: `${config.login}?next=${next}` }, gettext("Log in again")));
    }
  };

  store.watch(({ connection, phase }) => {
    const failed = phase === "failed" && connection.status !== "expired";
    const wanted = failed ? "lost" : ["lost", "expired"].includes(connection.status) ? connection.status : "";
    clearTimeout(timer);
    if (wanted === shown) return;
    if (wanted === "lost") timer = setTimeout(() => show("lost"), PATIENCE_MS);
    else show(wanted);
  });
}
