"""Makes whole, storable characters of token texts.

A character can be split over tokens; a token then comes as U+FFFD, and only the engine's final text knows
what it was. U+FFFD at the end is therefore held back until text follows it (then it stays) or the final text
settles it.
"""

REPLACEMENT = "\ufffd"
_MOST_HELD = 64
"""Beyond so many in a row they are no split characters: a model that emits nothing else must stay visible."""


class WholeCharacters:
    """The text of one reply on its way out. NUL, which Postgres cannot store, becomes U+FFFD."""

    def __init__(self) -> None:
        self._released = bytearray()  # UTF-8: a text for each token would take ten times as much
        self._held = 0

    def feed(self, text: str) -> str:
        """Take a token's text; return what is certain now."""
        if not self._held and text.isascii() and "\0" not in text:
            self._released += text.encode()
            return text
        text = REPLACEMENT * self._held + text.replace("\0", REPLACEMENT)
        certain = text.rstrip(REPLACEMENT)
        self._held = len(text) - len(certain)
        if self._held > _MOST_HELD:
            certain += REPLACEMENT * (self._held - _MOST_HELD)
            self._held = _MOST_HELD
        self._released += certain.encode("utf-8", "surrogatepass")
        return certain

    def finish(self, final_text: str | None) -> str:
        """The reply has ended: what was held back, as the final text has it when it begins with the rest."""
        if not self._held:
            return ""
        held, self._held = REPLACEMENT * self._held, 0
        if final_text is None:
            return held
        released = self._released.decode("utf-8", "surrogatepass")
        final = final_text.replace("\0", REPLACEMENT)
        return final[len(released) :] if final.startswith(released) else held
