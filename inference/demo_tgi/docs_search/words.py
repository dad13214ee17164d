"""Words as they are compared: lower case, without endings, without the words that every question has."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+(?:[_'’][^\W_]+)*")
_MARKUP = re.compile(r"\]\([^)]*\)|<[^>\s][^>]*>|&\w+;")

_STOP_WORDS = """
    a an the this that these those it its i im me my we our us you your he she they them their one ones
    is am are was were be been being do does did doing done have has had having can could will would shall should
    may might must let lets get gets got getting make makes made go goes want wants wanted need needs needed know tell
    show explain please give how what whats which who whose whom when where why if then than so as of on in into at by
    for from to with without about over under between via per and or nor but not no yes any some all every each
    everything anything something nothing everyone here there just also too very really much many more most own same
    such only up down out off again now ever exactly like way possible actually thing things stuff
    use uses used using usage work works working happen happens happened available already find see look try tried
    put take taken gives given come comes going mean means meant say says said
    good better right well else both instead still yet once after before while during until
    because since through within around back always never often sometimes maybe perhaps however
    r u ur wat teh hwo pls plz thx
    hi hello hey dear thanks thank ok okay sure wonder wondering understand learn
    don't can't doesn't isn't won't i'm it's what's
"""

_STOP_WORDS_IN_GERMAN = """
    ich mich mir du dich dir wir uns ihr mein meine meinen meiner dein deine das diese dieser dieses der
    den dem des ein eine einen einem einer und oder ist sind bin bist war wie wo wer wen warum wieso weshalb
    wann womit welche welcher welches welchen kann kannst koennen koennte muss soll darf moechte will habe hast
    haben hier dort nicht kein keine auf aus mit ohne von vom zu zum zur im ins fuer ueber bei bitte mal noch
    auch nur schon es gibt geht gehen mache machen macht wird werden wurde alles etwas wenn dann denn hinzu
"""

_ENGLISH_TOO = frozenset(("bin", "den", "des", "dir", "es", "mal", "war", "will"))

STOP_WORDS = frozenset((*_STOP_WORDS.split(), *_STOP_WORDS_IN_GERMAN.split()))
"""Words that say nothing about what is asked; not the German "die" and "dies", which say much in English."""

_GERMAN = frozenset(_STOP_WORDS_IN_GERMAN.split()) - _ENGLISH_TOO

_LETTERS = str.maketrans({"’": "'", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
"""Other ways to write a letter: not every keyboard has all of them."""

_PHRASES = [
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (
            r"\bhow (?:do(?:es)?|is) (?:it|this|that|everything|all of (?:it|this)"
            r"|(?:the|this) (?:system|project|stack|thing))"
            r"(?: all)? (?:works?|built|designed|made)\b",
            "architecture journey message",
        ),
        (
            r"\bwhat (?:happens|becomes) (?:to|with|of) (?:a|my|the) (?:message|prompt|question)\b",
            "journey life message",
        ),
        (
            r"\b(?:do(?:e?s)? ?n[o'’]?t|is ?n[o'’]?t|won['’]?t)"
            r" (?:even )?(?:work|function|run)(?:s|ing)?\b",
            "broken",
        ),
        (r"\bnothing (?:at all )?(?:works|happens|is happening)\b", "broken"),
        (r"\bwhat (?:can|does|could) (?:it|this) (?:all )?(?:do|offer)\b", "features"),
        (r"\bwho (?:else )?(?:can |may |could )?(?:see|read)s?\b", "private"),
        (r"\bon (?:a|an|my|our|the) (?:\w+ )?server\b", "production server"),
        (r"\b(?:strat|satrt)\b", "start"),
        (r"\bdied\b", "die"),
        (r"\bgpt[ -]?\d\w*", "gpt"),
        (r"\b(?:starten?|loslegen|anfangen|einrichten)\b", "installieren"),
        (
            r"\b(?:geht|klappt|läuft|laeuft|funktioniert) (?:das |es |hier )?(?:alles )?(?:nicht|gar nicht|nichts)\b",
            "kaputt",
        ),
        (r"\bnichts (?:geht|klappt|läuft|laeuft|passiert|funktioniert)\b", "kaputt"),
        (r"\b(?:(?:wer|was) bist|wie hei(?:ß|ss)t) du\b", "sprachmodell"),
        (
            r"\b(?:without|no|not have|\w*n['’]?t have|ohne|kein) `?make\b`?"
            r"|\bmake (?:is |was )?(?:missing|(?:not|n['’]?t) (?:there|found|installed))\b"
            r"|\bmake: (?:command )?not found\b|\b(?:fehlt|missing) `?make\b`?",
            "makeless",
        ),
        (
            r"\bwho(?:['’]s| is| are| was| were| has| have)? "
            r"(?:made|wrote|written|built|created|developed|programmed|behind|responsible for) (?:this|it|that|you)\b",
            "author",
        ),
        (
            r"\bwer (?:hat (?:das|dies|es|dich)(?: \w+)?"
            r" (?:gemacht|geschrieben|gebaut|entwickelt|programmiert|erfunden)"
            r"|(?:steckt|steht) (?:da)?hinter)\b|\bvon wem (?:ist|kommt|stammt)\b",
            "autor",
        ),
        (r"\bwas (?:ist|soll|macht|kann) (?:das|dies|es)\b", "überblick"),
        (r"\b(graphics?|video) (card|processor)s?\b", "gpu"),
        (r"\bcommand[ -]line\b", "terminal"),
        (r"\b(start|begin) (over|again|afresh|anew|from (scratch|nothing|zero))\b", "reset"),
        (r"\bfrom scratch\b", "reset"),
        (r"\b(log|sign)(ging|ged|ing|ed)?[ -](in|on|into)\b", "login"),
        (r"\b(log|sign)(ging|ged|ing|ed)?[ -]out\b", "logout"),
        (r"\bset(ting)?[ -]up\b", "setup"),
        (r"\bget(ting)? (started|going|it running)\b", "start"),
        (r"\bquick[ -]start\b", "start"),
        (r"\bshut(ting)?[ -]down\b", "stop"),
        (r"\bturn(ing|ed)? off\b", "stop"),
        (r"\b(large )?language models?\b", "llm"),
        (r"\benv(ironment)?[ -]var(iable)?s?\b", "environment variable"),
        (r"\bweb[ -]?(page|site|ui|interface|app)\b", "browser page"),
        (r"\bopen[ -]?ai\b", "openai"),
        (r"\bback(ing)? up\b", "backup"),
        (r"\bweb[ -]?sockets?\b", "websocket"),
        (r"\bc\+\+", "cpp"),
    )
]


def words(text: str) -> Iterator[str]:
    """The comparable words of a text, in order. A name in parts (``FAIR_SHARE_S``) gives itself and its parts."""
    text = _MARKUP.sub(" ", text)
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    for found in _WORD.findall(text):
        word = found.lower().translate(_LETTERS)
        if word in STOP_WORDS:
            continue
        if "_" in word:
            yield word
            for part in word.split("_"):
                if part not in STOP_WORDS and len(part) > 1:
                    yield stem(part)
        else:
            yield stem(word.removesuffix("'s"))


def is_german(text: str) -> bool:
    """Whether one of its words is German for sure."""
    return any(word.lower().translate(_LETTERS) in _GERMAN for word in _WORD.findall(text))


def stem(word: str) -> str:
    """The word without the commonest English endings: ``workers`` and ``worker`` meet, ``stopping`` and ``stop``."""
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ations", "ation", "ing", "ed"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= 3 and re.search(r"[aeiouy]", rest):
            word = rest
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word
