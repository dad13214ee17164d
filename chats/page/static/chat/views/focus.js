// Puts the cursor where one writes next. Not on a touch screen: there it would raise the keyboard over what one reads.

export function focusComposer() {
  if (!matchMedia("(hover: hover)").matches) return;
  document.getElementById("prompt").focus({ preventScroll: true });
}
