// Runs before the document is shown, and so before any module: notes the last button that is clicked while none listens yet.
// #chat/early_click does it later.

window.noteEarlyClick = ({ target }) => {
  window.clickedEarly = target.closest("button[type=button]") ?? window.clickedEarly;
};
addEventListener("click", window.noteEarlyClick, true);
