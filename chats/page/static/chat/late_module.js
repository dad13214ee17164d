// Why a module that the page fetches late could not be used, in words. The browser's own error is the same for a server that is
// away and for one that refuses, so the server is asked once more.

import { ApiError, statusWords } from "#chat/api";
import { gettext, interpolate } from "#chat/gettext";

/** What `error`, raised while the module of this name was fetched or used, comes from. An error of the page is told to the console too. */
export async function whyItFailed(name, error) {
  if (error instanceof ApiError) return error.message;
  const response = await fetch(import.meta.resolve(name), { cache: "no-store" }).catch(() => null);
  if (response === null) return gettext("The server cannot be reached.");
  if (!response.ok) return statusWords(response.status);
  console.error(error);
  return interpolate(gettext("The page has an error: %(error)s. Reload it to try again."), { error: error.message });
}
