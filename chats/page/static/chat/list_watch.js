// Keeps the list of chats in step with what is done to it in other tabs and on other devices: the list's own socket.

import { CLOSED_EXPIRED, LiveSocket } from "#chat/socket";

const TRUSTED_MS = 60_000; // a page that comes back to light after so long looks again: its line may be dead without a word

/** Hears until the login ends. `list` hears and refreshes; `expired()` is told when the login has ended. */
export async function watchList({ url, list, expired }) {
  const socket = new LiveSocket(url);
  const hope = () => {
    if (document.visibilityState === "visible" && (!socket.isOpen || socket.idleMs > TRUSTED_MS)) socket.renew();
  };
  addEventListener("online", hope);
  document.addEventListener("visibilitychange", hope);
  socket.open();
  for await (const item of socket) {
    if (item.type === "open") list.refresh(); // what was told before is not told again
    else if (item.type === "event") list.hear(item.event);
    else if (item.type === "closed" && item.code === CLOSED_EXPIRED) expired();
  }
}
