// The button of a block of code.

import { copyText } from "#chat/clipboard";
import { gettext } from "#chat/gettext";

const DONE_MS = 1600;

/** Listens for clicks anywhere above the blocks. */
export async function copyCode(event) {
  const button = event.target.closest("[data-action='copy-code']");
  if (!button) return;
  const copied = await copyText(button.closest("figure").querySelector("pre").textContent);
  button.textContent = copied ? gettext("Copied") : gettext("Could not copy");
  setTimeout(() => (button.textContent = gettext("Copy")), DONE_MS);
}
