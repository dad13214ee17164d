"""Everything of a person as one file, from the running service: all of it, nothing of others, fit to come in again."""

import httpx

from tests.live.one_machine import MODEL, OneMachine


def client_of(stack: OneMachine) -> httpx.Client:
    token = stack.somebody()
    return httpx.Client(base_url=f"{stack.url}/api/", headers={"Authorization": f"Bearer {token}"}, timeout=60)


def chat_saying(client: httpx.Client, words: str) -> str:
    chat = str(client.post("chats").json()["id"])
    client.post(f"chats/{chat}/prompter_message", json={"content": words}).raise_for_status()
    return chat


def test_the_file_holds_all_of_the_person_and_nothing_of_others(one_machine_stack: OneMachine) -> None:
    with client_of(one_machine_stack) as client, client_of(one_machine_stack) as stranger:
        chat_saying(stranger, "a stranger's words")
        chats = [chat_saying(client, f"words of mine {number}") for number in range(3)]
        client.put("preferences", json={"system_prompt": "Be brief."})
        client.post("presets", json={"name": "Cool", "sampling_parameters": {"temperature": 0.2}})
        key = client.post("auth/api_keys", json={"name": "laptop"}).json()["key"]
        client.post(
            f"{one_machine_stack.url}/v1/chat/completions",
            json={"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2},
        ).raise_for_status()
        answer = client.get("account/export")
        file = answer.raise_for_status().json()
        assert (file["format"], file["version"]) == ("oasst-account", 1)
        assert answer.headers["content-disposition"].startswith('attachment; filename="account-')
        assert [each["messages"][0]["content"] for each in file["chats"]] == [f"words of mine {n}" for n in range(3)]
        assert len(chats) == len(file["chats"])
        assert file["preferences"]["system_prompt"] == "Be brief."
        assert [each["name"] for each in file["presets"]] == ["Cool"]
        assert [each["name"] for each in file["api_keys"]] == ["laptop"]
        assert [each["model_config_name"] for each in file["usage"]] == [MODEL]
        assert key not in answer.text
        assert "a stranger's words" not in answer.text
        again = stranger.post("chats/import", json=file["chats"][1]).raise_for_status().json()
        read = stranger.get(f"chats/{again['id']}").json()
        assert [message["content"] for message in read["messages"]] == ["words of mine 1"]


def test_an_account_without_anything_is_a_file_too(one_machine_stack: OneMachine) -> None:
    with client_of(one_machine_stack) as client:
        assert client.get("account/export").raise_for_status().json()["chats"] == []
        key = client.post("auth/api_keys", json={"name": "laptop"}).json()["key"]
        answer = client.get("account/export", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 403, "a key may not take an account along"
