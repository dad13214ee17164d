// The page behind a shared link: draws its replies, which come as text, as the chat page does.

import { copyCode } from "#chat/views/code_copying";
import { LiveText } from "#chat/markdown/live_text";

for (const prose of document.querySelectorAll("[data-markdown]")) {
  const text = prose.textContent;
  prose.classList.remove("plain");
  prose.replaceChildren();
  new LiveText(prose).show(text, true);
}
document.addEventListener("click", copyCode);
