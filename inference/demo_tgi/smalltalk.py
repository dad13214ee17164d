"""What people say that is no question about this project: greetings, thanks, wishes for a story."""

import re
from enum import Enum


class Intent(Enum):
    """What a message wants, as far as its form tells."""

    GREETING = "greeting"
    THANKS = "thanks"
    FAREWELL = "farewell"
    HELP = "help"
    IDENTITY = "identity"
    MORE = "more"
    CREATIVE = "creative"
    QUESTION = "question"


_HELLO = (
    r"(?:hi+|hello+|hey+|heya?|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day)|hallo|moin|servus"
    r"|guten (?:tag|morgen|abend)|bonjour|salut|hola|ciao|ol[áa]|hej|namaste)"
)
_TO_ME = r"(?: (?:there|all|again|you|demo|bot|assistant|friend|world|everyone))*"
_OPENING = re.compile(rf"^{_HELLO}{_TO_ME}\s*[,.!:;\-–—\n]+\s*|^(?:please|thanks|thank you|ok(?:ay)?)[,.!]\s+", re.I)

_FORMS: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        (
            Intent.GREETING,
            rf"^{_HELLO}{_TO_ME}$"
            r"|^(?:how are you|how do you do|how is it going|how's it going|what's up|sup|wie geht's|test(?:ing)?|ping)"
            r"(?: (?:doing|today|now|there|1 ?2 ?3))*$",
        ),
        (
            Intent.THANKS,
            r"^(?:ok(?:ay)? |great |cool |perfect )?"
            r"(?:thanks?|thank you|thx|ty|cheers|danke|merci|gracias|much appreciated)\b.{0,30}$"
            r"|^(?:ok(?:ay)?|great|cool|nice|perfect|awesome|wow|good|very good|got it|i see|well done)$",
        ),
        (Intent.FAREWELL, r"^(?:good ?bye|bye+(?: bye)?|see (?:you|ya)|cu|ciao|tschüss|good night|farewell)\b.{0,20}$"),
        (
            Intent.HELP,
            r"^(?:help(?: me)?|what (?:can|could|should|may) i (?:ask|do|say|type|try)(?: you)?(?: here| now)?"
            r"|what (?:can|do) you (?:do|know|answer|offer)(?: for me| about)?|what now|what next"
            r"|hilfe|(?:was|wie) kann(?:st)? (?:ich|du)(?: (?:hier|dich|alles))*(?: (?:fragen|tun|machen))?"
            r"|(?:show|list|give)(?: me)? (?:the )?(?:topics|questions|examples|help)|\?+|examples?|topics)$",
        ),
        (
            Intent.IDENTITY,
            r"^(?:who|what) (?:are|r) (?:you|u)\b"
            r"|^(?:so )?(?:are|is) (?:you|this|it|that|the demo|demo)\b.{0,30}"
            r"\b(?:language model|llm|ai|a\.i\.|artificial|bot|chat ?bot|robot|human|person|real|gpt|chatgpt|claude"
            r"|gemini|llama|neural|machine|intelligent|sentient|conscious|open ?assistant)\b"
            r"|^(?:what|which)(?: language)? (?:model|llm|ai) (?:are you|is this|am i|do you)\b"
            r"|\bare you (?:chatgpt|gpt|claude|an? (?:ai|llm|bot|human))\b|^what(?:'s| is) your name\b",
        ),
        (
            Intent.MORE,
            r"^(?:(?:tell|show|give|say)(?: me)? )?(?:some )?(?:more|else|another(?: one)?)"
            r"(?: (?:please|about (?:it|that|this)|details?|of (?:it|that)))*$"
            r"|^(?:go on|continue|next|keep going|and\??|why\??|how\??|really\??|explain(?: (?:more|that|this|it))?)$",
        ),
        (
            Intent.CREATIVE,
            r"\b(?:tell|write|compose|sing|invent|create|make|give|draw|paint|generate|draft|rhyme)\b.{0,40}"
            r"\b(?:story|stories|tale|poem|poetry|haiku|limerick|verse|joke|song|rap|lyrics|essay|novel|letter|e-?mail|speech"
            r"|recipe|riddle|dialogue|screenplay|picture|image|logo|tweet|blog post|cover letter|cv|resume)\b"
            r"|^(?:please )?(?:translate|summari[sz]e|rewrite|paraphrase|proofread|roleplay|act as|pretend|imagine)\b"
            r"|^(?:please )?(?:write|code|program|implement)\b.{0,40}"
            r"\b(?:function|class|script|program|code|algorithm|game)\b"
            r"|^(?:what(?:'s| is) |calculate |compute |solve )?\(*-?\d[\d\s.,()]*[-+*/^x×÷][\d\s.,()+*/^x×÷-]*[=?]*$"
            r"|^once upon a time\b",
        ),
    )
)


def question_in(message: str) -> str:
    """The message without a greeting before its question: ``Hi there, which models are there?``"""
    stripped = message.strip()
    rest = _OPENING.sub("", stripped, count=1).strip()
    return rest or stripped


def intent_of(message: str) -> Intent:
    """What the message wants; a question about the project when its form tells nothing else."""
    plain = re.sub(r"\s+", " ", question_in(message)).strip(" .!…:;)(~*\"'“”👋🙂😀😊🙏👍").replace("’", "'")
    asked = plain.rstrip("? ")
    if not asked:
        return Intent.HELP if "?" in plain else Intent.GREETING
    for intent, form in _FORMS:
        if form.search(asked):
            return intent
    return Intent.QUESTION
