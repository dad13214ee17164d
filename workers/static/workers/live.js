// Draws the changing part of the admin's live page anew every two seconds, unless somebody is about to press a button.

const EVERY_MS = 2000;
const part = document.getElementById("oasst-live");

async function draw() {
  if (document.hidden || part.contains(document.activeElement)) return;
  const answer = await fetch(part.dataset.url, { credentials: "same-origin" });
  if (answer.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    part.replaceChildren(...fresh.body.childNodes);
  }
}

async function again() {
  try {
    await draw();
  } catch {
    // The server is away: the page keeps what it last knew.
  }
  setTimeout(again, EVERY_MS);
}

setTimeout(again, EVERY_MS);
