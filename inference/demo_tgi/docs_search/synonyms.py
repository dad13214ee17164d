"""Words that newcomers use where the documentation uses others."""

from functools import cache

from inference.demo_tgi.docs_search.words import stem

_GROUPS = """
gpu cuda nvidia accelerator h100 a100 rtx hardware
add connect attach register join plug append create
reset wipe clean clear erase delete remove purge scratch fresh empty drop
stop cancel abort interrupt halt quit end exit kill shutdown
start run launch begin boot quickstart install setup
restart reboot resume continue recover
install setup requirement dependency prerequisite
model llm network weight checkpoint
reply answer response completion message generation
question prompt request ask
chat conversation thread dialogue dialog
setting config configuration configure option environment variable parameter env
change edit modify set adjust choose switch select pick
user account person people somebody
login password credential sign authentication auth token
admin administrator superuser staff
error fail failure crash problem bug broken trouble issue wrong troubleshoot debug
lost lose vanish disappear missing crash die dead
crash restart flush away outage
database db postgres postgresql sql store storage data
redis valkey broker cache
port address url host bind
test pytest suite ci
api rest http endpoint curl openai programmatically
terminal cli console shell command tty
browser page ui frontend website interface web html
speed fast slow performance benchmark throughput latency quick tps
queue wait position line order
fair fairness share starve
temperature sampling creative random top_k top_p preset
docker compose container image kubernetes podman
deploy production server host machine
licence license copyright free price cost
privacy private data stored save keep personal gdpr
history past earlier old
log logs logging output
monitor metrics prometheus grafana dashboard flower observe
scale many several multiple cluster machines
engine tgi vllm llama backend inference
upgrade update migrate version
stream streaming token live sse
send journey life lifecycle path
architecture design structure overview component work
contribute develop development hack code source
phone mobile
demo fake stand-in example
reconnect offline disconnect network internet
window windows mac macos linux platform
backup restore export import dump
limit maximum max length size long
"""


def _graph() -> dict[str, frozenset[str]]:
    meaning: dict[str, set[str]] = {}
    for line in _GROUPS.split("\n"):
        group = {stem(word) for word in line.replace("-", "").split()}
        for word in group:
            meaning.setdefault(word, set()).update(group - {word})
    return {word: frozenset(others) for word, others in meaning.items()}


_OTHERS = _graph()


@cache
def others(word: str) -> frozenset[str]:
    """The stems that may stand in the documentation for this stem; without the stem itself."""
    return _OTHERS.get(word, frozenset())
