// A text area that is as high as its text, up to the height that CSS allows, and that sends with Enter.

/** Fits `area` to its text now. */
export function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

/** Makes `area` grow with its text; Enter calls `send`, Shift+Enter breaks the line, and an input method keeps its Enter. */
export function growWithText(area, send) {
  area.addEventListener("input", () => fit(area));
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) send();
  });
}
