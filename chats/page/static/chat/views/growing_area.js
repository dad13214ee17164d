// A text area that is as high as its text, up to the height that CSS allows, and that sends with Enter.

const INPUT_METHOD = 229; // what Safari gives for the Enter that ends a composition, when isComposing is false already

/** Fits `area` to its text now. */
export function fit(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

/** Makes `area` grow with its text; Enter calls `send`, Shift+Enter breaks the line, and an input method keeps its Enter. */
export function growWithText(area, send) {
  area.addEventListener("input", () => fit(area));
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === INPUT_METHOD) return;
    event.preventDefault();
    if (!event.repeat) send();
  });
}
