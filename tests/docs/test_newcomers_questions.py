"""The demo model answers what newcomers ask, out of the section that was written for it."""

from pathlib import Path

import pytest

from inference.demo_tgi.answers import DocumentationAnswers, documentation

ROOT = Path(__file__).resolve().parents[2]
INDEX = documentation(ROOT)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("How do I start?", ["README.md › How do I install and start it?"]),
        ("How do I start it?", ["README.md › How do I install and start it?"]),
        ("How do I add a GPU worker?", ["docs/workers.md › How do I add a GPU worker?"]),
        (
            "Which models are there?",
            [
                "docs/models.md › Which models are there?",
                "docs/questions.md › Which models are there, and how do I use a real one?",
            ],
        ),
        ("How do I use another model?", ["docs/models.md › How do I use another model?"]),
        ("How do I add my own model?", ["docs/models.md › How do I add a model to the catalogue?"]),
        ("How do I reset everything?", ["docs/questions.md › Where is the data, and how do I reset everything?"]),
        ("Where is my data stored?", ["docs/questions.md › Where is the data, and how do I reset everything?"]),
        (
            "Are you a language model?",
            [
                "docs/questions.md › Is this a language model? Does it need a GPU?",
                "docs/models.md › Is the demo model a language model?",
            ],
        ),
        ("Do I need a GPU?", ["docs/questions.md › Is this a language model? Does it need a GPU?"]),
        ("How do I log in?", ["docs/questions.md › How do I log in?"]),
        ("What is the admin password?", ["docs/questions.md › How do I log in?"]),
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
        ("How do I call the API?", ["docs/questions.md › How do I call the API?"]),
        ("How do I get a token?", ["docs/api.md › How do I log in and get a token?"]),
        ("How do I use it from the terminal?", ["docs/questions.md › How do I use it from the terminal?"]),
        ("Can I use it in a shell script?", ["docs/text-client.md › How do I use it in a script?"]),
        (
            "What happens to a message after I send it?",
            ["docs/questions.md › What happens to a message after I send it?"],
        ),
        ("What are the states of a message?", ["docs/architecture.md › The states of a message"]),
        (
            "Which settings are there?",
            [
                "docs/questions.md › Which settings are there?",
                "docs/settings.md › Settings of every process",
            ],
        ),
        (
            "How do I change the port?",
            [
                "docs/questions.md › Which settings are there?",
                "docs/settings.md › Settings of `make run`",
                "docs/questions.md › What does `make run` do?",
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
        ("gpu?", ["docs/questions.md › Is this a language model? Does it need a GPU?"]),
        ("add worker", ["docs/workers.md › How do I add a GPU worker?"]),
        ("how do i instal it", ["README.md › How do I install and start it?"]),
        ("reset evrything", ["docs/questions.md › Where is the data, and how do I reset everything?"]),
        ("whats the admin pasword", ["docs/questions.md › How do I log in?"]),
        ("wat is teh password", ["docs/questions.md › How do I log in?"]),
        ("where r my chats saved", ["docs/questions.md › Where is the data, and how do I reset everything?"]),
        ("port already in use", ["docs/questions.md › What if the port is in use?"]),
        ("can i run this on windows", ["docs/questions.md › Which Python and which operating systems does it need?"]),
        ("which python version", ["docs/questions.md › Which Python and which operating systems does it need?"]),
        ("does it work without internet", ["docs/questions.md › Does it work without the internet?"]),
        ("pip fails behind a proxy", ["docs/questions.md › What if it cannot fetch its packages?"]),
        ("npm self signed certificate", ["docs/questions.md › What if it cannot fetch its packages?"]),
        ("can I use ollama", ["docs/workers.md › Other engines than text-generation-inference"]),
        ("how do I use https", ["docs/operations.md › How do I set up TLS, for https?"]),
        ("make: command not found", ["docs/questions.md › Which Python and which operating systems does it need?"]),
        (
            "how do I report a bug",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        ("is my data private", ["docs/questions.md › Is my data private?"]),
        ("does it support images", ["docs/questions.md › Can I upload a file or a picture?"]),
        ("is it safe to put this on the internet", ["docs/questions.md › Is it safe to put it on the internet?"]),
        ("why is my message waiting", ["docs/questions.md › Why does nobody answer my message?"]),
        ("nobody answers, no worker serves this model", ["docs/questions.md › Why does nobody answer my message?"]),
        ("how do i make a user", ["docs/questions.md › How do I make an account for another user?"]),
        ("what if redis crashes", ["docs/reliability.md › What happens when Redis is restarted, flushed or away"]),
        ("my worker died what now", ["docs/reliability.md › What happens when a worker dies"]),
        ("docker compose", ["docs/operations.md › How do I run it with Docker?"]),
        ("how do I share a chat", ["docs/api.md › How do I find, export and share chats?"]),
        ("how do I run it in tmux", ["docs/development.md › Ways to run it in development › In tmux panes"]),
        ("what is a ticket", ["docs/architecture.md › Tickets and claims"]),
        ("can i use the openai python package", ["docs/tutorial.md › With OpenAI's package"]),
        (
            "hugging face model without docker",
            ["docs/models.md › How do I run a model on this machine without Docker?"],
        ),
        ("how do I upgrade", ["docs/operations.md › How do I update without losing replies?"]),
        ("dark mode", ["docs/questions.md › Is there a dark mode, another language, a bigger font?"]),
        ("how do i regenerate a reply", ["docs/questions.md › How do I stop, edit or regenerate in the page?"]),
        ("can I edit my message", ["docs/questions.md › How do I stop, edit or regenerate in the page?"]),
        ("system prompt", ["docs/questions.md › How do I give it a system prompt or custom instructions?"]),
        ("custom instructions", ["docs/questions.md › How do I give it a system prompt or custom instructions?"]),
        ("upload a file", ["docs/questions.md › Can I upload a file or a picture?"]),
        ("kubernetes", ["docs/operations.md › How do I run it on Kubernetes?"]),
        ("how do I restore a backup", ["docs/operations.md › How do I restore a backup?"]),
        ("is it free", ["docs/questions.md › Which licence does it have?"]),
        ("Which license does it have?", ["docs/questions.md › Which licence does it have?"]),
    ],
)
def test_the_right_section_answers(question, places):
    found = INDEX.search(question)
    assert found, "nothing was found"
    assert found[0].section.place in places, [each.section.place for each in found]


@pytest.mark.parametrize("question", ["will it rain tomorrow", "sing me a lullaby", "zzgpl"])
def test_what_is_not_about_the_project_gets_no_section(question):
    assert not INDEX.search(question)


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("what is this?", "README.md › Open-Assistant inference, on Django, Celery and Channels"),
        ("who are you", "docs/models.md › Is the demo model a language model?"),
        ("Is this a language model?", "docs/models.md › Is the demo model a language model?"),
    ],
)
def test_who_asks_what_this_is_reads_it(question, place):
    assert f"From **{place}**" in DocumentationAnswers(INDEX).answer(question)
