"""The demo model answers what newcomers ask, out of the section that was written for it."""

from pathlib import Path

import pytest

from inference.demo_tgi.answers import documentation

ROOT = Path(__file__).resolve().parents[2]
INDEX = documentation(ROOT)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("How do I start?", ["README.md › How do I start it?"]),
        ("How do I start it?", ["README.md › How do I start it?"]),
        ("How do I add a GPU worker?", ["docs/workers.md › How do I add a GPU worker?"]),
        (
            "Which models are there?",
            [
                "docs/models.md › Which models are there?",
                "README.md › Which models are there, and how do I use a real one?",
            ],
        ),
        ("How do I use another model?", ["docs/models.md › How do I use another model?"]),
        ("How do I add my own model?", ["docs/models.md › How do I add a model to the catalogue?"]),
        ("How do I reset everything?", ["README.md › Where is the data, and how do I reset everything?"]),
        ("Where is my data stored?", ["README.md › Where is the data, and how do I reset everything?"]),
        (
            "Are you a language model?",
            [
                "README.md › Is this a language model? Does it need a GPU?",
                "docs/models.md › Is the demo model a language model?",
            ],
        ),
        ("Do I need a GPU?", ["README.md › Is this a language model? Does it need a GPU?"]),
        ("How do I log in?", ["README.md › How do I log in?"]),
        ("What is the admin password?", ["README.md › How do I log in?"]),
        ("How do I run the tests?", ["docs/development.md › How do I run the tests?"]),
        (
            "How does resume work?",
            [
                "docs/reliability.md › How does a reply go on after a reload or a lost connection?",
                "docs/websocket.md › How do I resume after the connection was lost?",
            ],
        ),
        ("What happens when a worker dies?", ["docs/reliability.md › What happens when a worker dies"]),
        (
            "what happens if the redis server is flushed",
            ["docs/reliability.md › What happens when Redis is restarted, flushed or away"],
        ),
        ("How do I call the API?", ["README.md › How do I call the API?"]),
        ("How do I get a token?", ["docs/api.md › How do I log in and get a token?"]),
        ("How do I use it from the terminal?", ["README.md › How do I use it from the terminal?"]),
        ("Can I use it in a shell script?", ["docs/text-client.md › How do I use it in a script?"]),
        ("What happens to a message after I send it?", ["README.md › What happens to a message after I send it?"]),
        ("What are the states of a message?", ["docs/architecture.md › The states of a message"]),
        (
            "Which settings are there?",
            [
                "README.md › Which settings are there?",
                "docs/settings.md › Settings of every process",
            ],
        ),
        (
            "How do I change the port?",
            [
                "README.md › Which settings are there?",
                "docs/settings.md › Settings of `make run`",
                "README.md › What does `make run` do?",
            ],
        ),
        ("How do I stop a worker?", ["docs/workers.md › How do I stop a worker?"]),
        ("Why does my worker get no messages?", ["docs/workers.md › Why does my worker take no messages?"]),
        ("Can I use vLLM?", ["docs/workers.md › Other engines than text-generation-inference"]),
        ("Does it work with the OpenAI API?", ["docs/api.md › The OpenAI-compatible API"]),
        ("Can I run it with Docker?", ["docs/operations.md › How do I run it with Docker?"]),
        ("How do I get an API key?", ["docs/api.md › API keys"]),
        ("What do I have to back up?", ["docs/operations.md › What do I back up?"]),
        (
            "How fast is it?",
            ["docs/performance.md › How do I measure it?", "docs/performance.md › What makes it fast?"],
        ),
        ("Which license does it have?", ["README.md › Where do I go on from here?"]),
    ],
)
def test_the_right_section_answers(question, places):
    found = INDEX.search(question)
    assert found, "nothing was found"
    assert found[0].section.place in places, [each.section.place for each in found]
