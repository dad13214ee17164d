// What was clicked while the page was to be seen and its modules did not run yet; static/first/clicks.js has noted it.

/** Clicks it now, and has no more noted. Called once everything listens. */
export function doEarlyClick() {
  removeEventListener("click", window.noteEarlyClick, true);
  window.clickedEarly?.click();
}
