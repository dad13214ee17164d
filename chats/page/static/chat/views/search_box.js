// Where one types what to look for in all chats; the hits come while one types.

const PAUSE_MS = 200; // a word is typed at a stretch; between two letters nobody waits for hits

/** `search(text)` is called after a pause, at once with Enter, and with "" when the box is left empty or by Escape. */
export function mountSearchBox(input, search) {
  let timer = null;
  let asked = "";
  const ask = () => {
    clearTimeout(timer);
    if (input.value.trim() === asked) return;
    asked = input.value.trim();
    search(asked);
  };
  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (input.value === "") ask();
    else if (!event.isComposing) timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("compositionend", () => (timer = setTimeout(ask, PAUSE_MS)));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      ask();
    } else if (event.key === "Escape" && input.value !== "") {
      event.preventDefault();
      event.stopPropagation(); // the drawer stays open
      input.value = "";
      ask();
    }
  });
  return {
    clear() {
      input.value = "";
      ask();
    },
  };
}
