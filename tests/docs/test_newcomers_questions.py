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
        ("How do I use another model?", ["docs/models.md › How do I use another model, such as Llama or Qwen?"]),
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
        ("make: command not found", ["docs/questions.md › How do I run it without `make`?"]),
        ("how do I run it without make", ["docs/questions.md › How do I run it without `make`?"]),
        ("i dont have make installed", ["docs/questions.md › How do I run it without `make`?"]),
        ("make is not installed", ["docs/questions.md › How do I run it without `make`?"]),
        ("can two people be in one chat", ["docs/questions.md › Can two people be in one chat, a group chat?"]),
        ("can several people use the same chat", ["docs/questions.md › Can two people be in one chat, a group chat?"]),
        ("can i invite someone to my chat", ["docs/questions.md › Can two people be in one chat, a group chat?"]),
        ("can people chat with each other", ["docs/questions.md › Can two people be in one chat, a group chat?"]),
        ("who made this", ["docs/questions.md › Who made this? Who are the authors?"]),
        ("who's behind this", ["docs/questions.md › Who made this? Who are the authors?"]),
        ("who is the author", ["docs/questions.md › Who made this? Who are the authors?"]),
        ("how do I change the bot's name", ["docs/questions.md › How do I change the bot's name?"]),
        ("rename the assistant", ["docs/questions.md › How do I change the bot's name?"]),
        ("change the logo", ["docs/questions.md › How do I change the bot's name?"]),
        (
            "how do I rename a chat",
            ["docs/page-chats.md › The list of chats: search, rename, hide, delete, share"],
        ),
        ("what does k50 mean", ["docs/models.md › Presets and sampling parameters"]),
        ("how do I add a preset", ["docs/models.md › Presets and sampling parameters › How do I add a preset?"]),
        ("how do I change the code", ["docs/development.md › How do I make my first change to the code?"]),
        ("how do I run a single test", ["docs/development.md › How do I run the tests?"]),
        (
            "how do I report a bug",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        ("is my data private", ["docs/questions.md › Is my data private? Who sees my chats?"]),
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
        ("is it free", ["docs/questions.md › Is it free, and which licence does it have?"]),
        ("Which license does it have?", ["docs/questions.md › Is it free, and which licence does it have?"]),
        ("can I run two models", ["docs/questions.md › Can I run two models at the same time?"]),
        (
            "can i use several models at once",
            [
                "docs/workers.md › Several workers and several models",
                "docs/questions.md › Can I run two models at the same time?",
            ],
        ),
        ("what is different from open-assistant", ["docs/questions.md › How is this different from Open-Assistant?"]),
        (
            "it does not work",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        (
            "it doesnt work",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        (
            "nothing happens",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        (
            "blank page",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        (
            "make run hangs",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        (
            "error 500",
            ["docs/questions.md › It does not work. How do I find the problem, and where do I report a bug?"],
        ),
        ("why are the answers so bad", ["docs/questions.md › Is this a language model? Does it need a GPU?"]),
        ("what can it do", ["docs/questions.md › What can it do? Which features are there?"]),
        ("features", ["docs/questions.md › What can it do? Which features are there?"]),
        ("hwo do i strat", ["README.md › How do I install and start it?"]),
        ("how much ram do i need", ["docs/questions.md › How much memory and disk does it need?"]),
        ("does it run on a mac m1", ["docs/questions.md › Which Python and which operating systems does it need?"]),
        ("can other people in my network use it", ["docs/questions.md › Can other people in my network use it?"]),
        ("how many users can it handle", ["docs/questions.md › How many people can use it at once?"]),
        ("is there an app for my phone", ["docs/questions.md › Is there an app for the phone?"]),
        ("can i use gpt4 / openai key", ["docs/questions.md › Can I use ChatGPT, GPT-4 or Claude?"]),
        ("can i use it with langchain", ["docs/api.md › The OpenAI-compatible API"]),
        ("i want to use llama", ["docs/models.md › How do I use another model, such as Llama or Qwen?"]),
        ("what is a worker", ["docs/questions.md › What is a worker?"]),
        ("what is tgi", ["docs/questions.md › What is TGI?"]),
        ("why django", ["docs/questions.md › Why Django, Celery and Channels?"]),
        ("do i need redis", ["docs/questions.md › What are Redis and Postgres for? Do I need to install them?"]),
        ("where are the logs", ["docs/questions.md › Where are the logs?"]),
        ("how do i uninstall", ["docs/questions.md › How do I stop or uninstall it?"]),
        ("forgot password", ["docs/questions.md › How do I log in?"]),
        ("does it remember what i said before", ["docs/questions.md › Does it remember what I said before?"]),
        (
            "can i train a model with it",
            ["docs/questions.md › Can it search the web, read my documents, call functions, or train a model?"],
        ),
        (
            "can it read my own documents",
            ["docs/questions.md › Can it search the web, read my documents, call functions, or train a model?"],
        ),
        ("the answer gets cut off", ["docs/questions.md › Why is an answer cut off, and how do I get a longer one?"]),
        ("why is it slow", ["docs/questions.md › Why is it slow, and how do I make it faster?"]),
        ("whats the price", ["docs/questions.md › Is it free, and which licence does it have?"]),
        ("is it production ready", ["docs/questions.md › How do I run it on a server, in production?"]),
        ("how do i get it running on a server", ["docs/questions.md › How do I run it on a server, in production?"]),
        ("who can see my chats", ["docs/questions.md › Is my data private? Who sees my chats?"]),
        ("it says no worker serves this model", ["docs/questions.md › Why does nobody answer my message?"]),
        ("where is the code of the page", ["docs/page.md › How is the page built, and where is its code?"]),
        ("was ist das hier", ["docs/fragen.md › Was ist das? Ein Überblick"]),
        ("wie starte ich das", ["docs/fragen.md › Wie installiere und starte ich es?"]),
        ("wie instaliere ich es", ["docs/fragen.md › Wie installiere und starte ich es?"]),
        ("wer bist du", ["docs/fragen.md › Ist das ein Sprachmodell? Brauche ich eine GPU?"]),
        ("bist du eine ki", ["docs/fragen.md › Ist das ein Sprachmodell? Brauche ich eine GPU?"]),
        ("welche modelle gibt es", ["docs/fragen.md › Welche Modelle gibt es, und wie nehme ich ein echtes?"]),
        ("brauch ich ne grafikkarte", ["docs/fragen.md › Ist das ein Sprachmodell? Brauche ich eine GPU?"]),
        ("wie fuege ich einen worker hinzu", ["docs/fragen.md › Wie füge ich einen GPU-Worker hinzu?"]),
        ("kann ich zwei modelle laufen lassen", ["docs/fragen.md › Kann ich zwei Modelle gleichzeitig laufen lassen?"]),
        (
            "wo sind meine daten gespeichert",
            ["docs/fragen.md › Wo sind meine Daten gespeichert, und wie lösche ich alles?"],
        ),
        ("wie lösche ich alles", ["docs/fragen.md › Wo sind meine Daten gespeichert, und wie lösche ich alles?"]),
        ("es funktioniert nicht", ["docs/fragen.md › Es ist kaputt. Was tun bei einem Fehler oder Problem?"]),
        ("keine antwort", ["docs/fragen.md › Warum kommt keine Antwort?"]),
        ("passwort vergessen", ["docs/fragen.md › Wie melde ich mich an? Welches Passwort?"]),
        ("kann ich das auf deutsch benutzen", ["docs/fragen.md › Kann ich die Seite auf Deutsch benutzen?"]),
        ("läuft das auf windows", ["docs/fragen.md › Läuft es unter Windows, auf dem Mac, auf dem Handy?"]),
        ("wie stoppe ich es", ["docs/fragen.md › Wie beende oder stoppe ich es, und wie werde ich es wieder los?"]),
        ("wie starte ich es ohne make", ["docs/fragen.md › Wie starte ich es ohne `make`?"]),
        ("ich habe kein make", ["docs/fragen.md › Wie starte ich es ohne `make`?"]),
        (
            "können zwei leute in einem chat sein",
            ["docs/fragen.md › Können zwei Personen in einem Chat schreiben? Gruppenchat"],
        ),
        (
            "kann ich jemanden in meinen chat einladen",
            ["docs/fragen.md › Können zwei Personen in einem Chat schreiben? Gruppenchat"],
        ),
        ("wer hat das gemacht", ["docs/fragen.md › Wer hat das gemacht? Von wem ist es?"]),
        ("wer steckt dahinter", ["docs/fragen.md › Wer hat das gemacht? Von wem ist es?"]),
        ("wie ändere ich den namen des bots", ["docs/fragen.md › Wie ändere ich den Namen des Bots?"]),
        ("kann ich den bot umbenennen", ["docs/fragen.md › Wie ändere ich den Namen des Bots?"]),
        ("wie heißt du", ["docs/fragen.md › Ist das ein Sprachmodell? Brauche ich eine GPU?"]),
        ("was kostet das", ["docs/fragen.md › Was kostet es? Welche Lizenz hat es?"]),
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
