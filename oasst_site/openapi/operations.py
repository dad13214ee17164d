"""Each operation by method and path: its name, what it takes, what it answers, an example."""

from dataclasses import dataclass, field
from typing import Any

from rest_framework.serializers import Serializer

from chats.api import (
    feedback_views,
    preference_views,
    search_views,
    serializers,
    share_views,
    transfer_views,
    usage_views,
)
from chats.openai_api.requests import ChatCompletion, TextCompletion
from chats.openai_api.shapes import OpenAIModel
from chats.repository.availability import AvailabilityRead
from chats.repository.transfer import ExportFile
from chats.wire import ChatListRead, ChatRead, MessageRead
from inference.events import ReaderEvent
from oasst_site.accounts import key_views, token_views
from oasst_site.accounts.tokens import TokenPair, TokenRead
from oasst_site.openapi import shapes
from workers.api.admin import NewWorker

Request = type[Serializer] | type[Any] | dict[str, Any]
EVENT_STREAM = "text/event-stream"
ID = "0197a4a6-9e2b-7c31-8a5e-2f0f6d1c9b7a"
PROMPT = {"parent_id": None, "content": "What is a llama?"}
REPLY = {"parent_id": ID, "model_config_name": "demo", "sampling_parameters": {"max_new_tokens": 500}}
PRESET = {"name": "Careful", "sampling_parameters": {"temperature": 0.3, "max_new_tokens": 800}, "seed": None}
MESSAGES = {"model": "demo", "messages": [{"role": "user", "content": "What is a llama?"}], "max_tokens": 500}
FILE = {
    "format": "oasst-chat",
    "version": 1,
    "exported_at": "2026-01-01T12:00:00Z",
    "chat": {"title": "Llamas", "created_at": "2026-01-01T11:59:00Z"},
    "messages": [
        {
            "id": "1",
            "role": "prompter",
            "state": "manual",
            "content": "What is a llama?",
            "created_at": "2026-01-01T11:59:00Z",
        }
    ],
}


@dataclass(frozen=True, slots=True)
class Operation:
    """answers: a type hint; None is an empty body. takes, query: a serializer or a pydantic model.

    media_types: of the answer, which `answers` tells of where it is JSON. example: of the request.
    """

    name: str
    answers: Any = None
    takes: Request | None = None
    query: type[Serializer] | None = None
    headers: tuple[str, ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    example: dict[str, Any] | None = None
    further: dict[int, str] = field(default_factory=dict)


CHAT, MESSAGE = "/api/chats/{chat_id}", "/api/chats/{chat_id}/messages/{message_id}"
KEYED = ("Idempotency-Key",)

OPERATIONS: dict[str, Operation] = {
    "GET /api/auth/check": Operation("check", str),
    "GET /api/auth/providers": Operation("list_providers", list[str]),
    "GET /api/auth/login/debug": Operation("login_debug", further={302: "On to the callback."}),
    "GET /api/auth/callback/debug": Operation("callback_debug", TokenPair),
    "GET /api/auth/refresh": Operation("refresh", TokenRead, headers=("Refresh",)),
    "POST /api/auth/trusted": Operation("trusted", shapes.UserRead, headers=("TrustedClient",)),
    "POST /api/auth/websocket_ticket": Operation("create_websocket_ticket", shapes.TicketRead),
    "POST /api/auth/token": Operation(
        "create_token",
        TokenPair,
        token_views.Credentials,
        example={"username": "ada", "password": "a long pass phrase"},
    ),
    "POST /api/auth/token/refresh": Operation(
        "rotate_token", TokenPair, token_views.Refresh, example={"refresh_token": "eyJ..."}
    ),
    "POST /api/auth/token/revoke": Operation(
        "revoke_token", None, token_views.Refresh, example={"refresh_token": "eyJ..."}
    ),
    "GET /api/auth/api_keys": Operation("list_api_keys", list[shapes.ApiKeyRead]),
    "POST /api/auth/api_keys": Operation(
        "create_api_key",
        shapes.NewApiKeyRead,
        key_views.NewKey,
        example={"name": "my script", "scopes": ["chats:read", "completions"], "expires_in_days": 90},
    ),
    "DELETE /api/auth/api_keys/{key_id}": Operation("revoke_api_key"),
    "DELETE /api/account/": Operation("delete_account"),
    "GET /api/account/export": Operation("export_account", dict[str, Any]),
    "DELETE /api/admin/refresh_tokens/{user_id}": Operation("revoke_refresh_tokens"),
    "DELETE /api/admin/users/{user_id}": Operation("delete_user"),
    "GET /api/admin/workers": Operation("list_workers", list[shapes.AdmittedWorkerRead]),
    "PUT /api/admin/workers": Operation(
        "create_worker", shapes.AdmittedWorkerRead, NewWorker, example={"name": "gpu-1", "trusted": False}
    ),
    "DELETE /api/admin/workers/{worker_id}": Operation("delete_worker"),
    "GET /api/workers/sessions": Operation("list_worker_sessions", list[shapes.WorkerSessionRead]),
    "GET /api/configs/model_configs": Operation("list_model_configs", list[shapes.ModelConfigRead]),
    "GET /api/configs/availability": Operation("list_availability", list[AvailabilityRead]),
    "GET /api/configs/builtin_plugins": Operation("list_builtin_plugins", list[dict[str, Any]]),
    "POST /api/configs/plugin_config": Operation("read_plugin_config", dict[str, Any]),
    "GET /api/preferences": Operation("get_preferences", shapes.PreferencesRead),
    "PUT /api/preferences": Operation(
        "update_preferences",
        shapes.PreferencesRead,
        preference_views.PreferencesUpdate,
        example={"allow_data_use": False, "user_profile": "I keep llamas."},
    ),
    "GET /api/presets": Operation("list_presets", list[shapes.SavedPresetRead]),
    "POST /api/presets": Operation("create_preset", shapes.SavedPresetRead, preference_views.NewPreset, example=PRESET),
    "PUT /api/presets/{preset_id}": Operation(
        "update_preset", shapes.SavedPresetRead, preference_views.PresetUpdate, example=PRESET
    ),
    "DELETE /api/presets/{preset_id}": Operation("delete_preset"),
    "GET /api/usage": Operation("get_usage", shapes.UsageRead, query=usage_views.UsageQuery),
    "GET /api/chats": Operation("list_chats", shapes.ChatPageRead, query=serializers.ChatListQuery),
    "POST /api/chats": Operation(
        "create_chat",
        ChatListRead,
        serializers.NewChat,
        headers=KEYED,
        example={"system_prompt": "You are a patient teacher."},
    ),
    "PUT /api/chats/hide_all": Operation("hide_all_chats"),
    "GET /api/chats/search": Operation("search_chats", search_views.SearchPage, query=search_views.SearchQuery),
    "POST /api/chats/import": Operation("import_chat", ChatListRead, ExportFile, example=FILE),
    f"GET {CHAT}": Operation("get_chat", ChatRead),
    f"PUT {CHAT}": Operation("update_chat", None, serializers.ChatUpdate, example={"title": "Llamas", "hidden": False}),
    f"DELETE {CHAT}": Operation("delete_chat"),
    f"GET {CHAT}/export": Operation(
        "export_chat",
        dict[str, Any],
        query=transfer_views.ExportQuery,
        media_types=("application/json", "text/markdown"),
    ),
    f"GET {CHAT}/shares": Operation("list_shares", list[share_views.ShareRead]),
    f"POST {CHAT}/shares": Operation("create_share", share_views.ShareRead, share_views.NewShare, example={}),
    f"DELETE {CHAT}/shares/{{share_id}}": Operation("revoke_share"),
    "GET /api/shares/{token}": Operation(
        "read_share", shapes.SnapshotRead, further={302: "A browser, which would rather have HTML: on to the page."}
    ),
    f"POST {CHAT}/prompter_message": Operation(
        "create_prompter_message", MessageRead, serializers.PrompterMessage, headers=KEYED, example=PROMPT
    ),
    f"POST {CHAT}/assistant_message": Operation(
        "create_assistant_message", MessageRead, serializers.AssistantMessage, headers=KEYED, example=REPLY
    ),
    f"GET {MESSAGE}": Operation("get_message", MessageRead),
    f"GET {MESSAGE}/provenance": Operation("get_provenance", shapes.ProvenanceRead),
    f"POST {MESSAGE}/cancel": Operation("cancel_message", MessageRead),
    f"GET {MESSAGE}/events": Operation(
        "read_events",
        ReaderEvent,
        headers=("Last-Event-ID",),
        media_types=(EVENT_STREAM,),
        further={204: "The reply is final, and the client has seen it or never asked to see it again."},
    ),
    f"POST {MESSAGE}/votes": Operation("vote", None, feedback_views.Vote, example={"score": 1}),
    f"POST {MESSAGE}/reports": Operation(
        "report", None, feedback_views.ReportBody, example={"report_type": "feedback", "reason": "It is wrong."}
    ),
    f"POST {MESSAGE}/message_evals": Operation(
        "create_message_eval", None, feedback_views.Eval, example={"inferior_message_ids": [ID]}
    ),
    "GET /v1/models": Operation("openai_list_models", shapes.OpenAIModels),
    "GET /v1/models/{model}": Operation("openai_get_model", OpenAIModel),
    "POST /v1/chat/completions": Operation(
        "openai_chat_completion", shapes.OpenAICompletion, ChatCompletion, example=MESSAGES
    ),
    "POST /v1/completions": Operation(
        "openai_completion",
        shapes.OpenAICompletion,
        TextCompletion,
        example={"model": "demo", "prompt": "A llama is", "max_tokens": 50},
    ),
}
