"""What a running stack writes down: no prompt, no reply, no token, no key, no password."""

import json
from uuid import uuid4

import httpx
from websockets.sync.client import connect

from tests.live.one_machine import MODEL, OneMachine


def test_no_prompt_reply_token_key_or_password_is_in_the_logs(one_machine_stack: OneMachine):
    stack = one_machine_stack
    token, prompt, password = stack.somebody(), f"secret-prompt-{uuid4().hex}", f"secret-password-{uuid4().hex}"
    with httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        key = http.post("/api/auth/api_keys", json={"name": "k"}).json()["key"]
        ticket = http.post("/api/auth/websocket_ticket").json()["ticket"]
        body = {"model": MODEL, "messages": [{"role": "user", "content": prompt}], "max_tokens": 12, "store": True}
        keyed = {"Authorization": f"Bearer {key}"}
        reply = http.post("/v1/chat/completions", json=body, headers=keyed).json()["choices"][0]["message"]["content"]
        http.post("/v1/chat/completions", json=body | {"n": 7})
        http.post("/v1/chat/completions", content=prompt.encode())
        http.get("/api/chats/search", params={"q": prompt})
        http.post("/api/auth/token", json={"username": "ada", "password": password})
        http.get("/api/chats", headers={"Authorization": f"Bearer {token}x"})
        chat = http.get("/api/chats").json()["chats"][0]["id"]
        http.post(f"/api/chats/{chat}/prompter_message", json={"content": prompt, "parent_id": "nonsense"})
        # An engine that quotes the prompt when it breaks off, over the websocket and REST.
        for kind in ({"kind": "garbage", "data": prompt}, {"kind": "error", "error_type": "validation"}):
            stack.arm(**kind, prompt_contains=prompt)
            http.post("/v1/chat/completions", json=body)
        asked = {"type": "prompt", "content": prompt + "\x00", "model_config_name": MODEL}
        headers = {"Authorization": f"Bearer {token}"}
        with connect(f"{stack.url.replace('http', 'ws', 1)}/ws/chats/{chat}", additional_headers=headers) as socket:
            for wrong in (json.dumps(asked), json.dumps(asked | {"type": prompt}), prompt):
                socket.send(wrong)
                assert json.loads(socket.recv(timeout=60))["event_type"] == "error"
        http.delete(f"/api/chats/{chat}")
    logs = "".join(
        path.read_text(errors="replace") for path in stack.log.parent.rglob("*.log") if path.name != "engine.log"
    )
    assert "Ready after" in logs
    assert "the engine failed (1 in a row)" in logs
    assert "websocket opened" in logs
    for secret in (prompt, password, token, key, ticket, reply):
        assert secret not in logs
