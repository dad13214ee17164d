"""Paths under /api/."""

from django.urls import path

from chats.api import (
    chat_views,
    config_views,
    feedback_views,
    message_views,
    preference_views,
    search_views,
    share_views,
    transfer_views,
    usage_views,
)
from chats.api.events import MessageEvents

urlpatterns = [
    path("chats", chat_views.Chats.as_view()),
    path("chats/hide_all", chat_views.HideAll.as_view()),
    path("chats/search", search_views.Search.as_view()),
    path("chats/import", transfer_views.Import.as_view()),
    path("chats/<chat_id>", chat_views.ChatDetail.as_view()),
    path("chats/<chat_id>/export", transfer_views.Export.as_view()),
    path("chats/<chat_id>/shares", share_views.Shares.as_view()),
    path("chats/<chat_id>/shares/<share_id>", share_views.ShareDetail.as_view()),
    path("shares/<token>", share_views.Shared.as_view()),
    path("chats/<chat_id>/prompter_message", message_views.PrompterMessages.as_view()),
    path("chats/<chat_id>/assistant_message", message_views.AssistantMessages.as_view()),
    path("chats/<chat_id>/messages/<message_id>", message_views.MessageDetail.as_view()),
    path("chats/<chat_id>/messages/<message_id>/cancel", message_views.Cancel.as_view()),
    path("chats/<chat_id>/messages/<message_id>/events", MessageEvents.as_view()),
    path("chats/<chat_id>/messages/<message_id>/votes", feedback_views.Votes.as_view()),
    path("chats/<chat_id>/messages/<message_id>/reports", feedback_views.Reports.as_view()),
    path("chats/<chat_id>/messages/<message_id>/message_evals", feedback_views.MessageEvals.as_view()),
    path("configs/model_configs", config_views.ModelConfigs.as_view()),
    path("configs/availability", config_views.ModelAvailability.as_view()),
    path("configs/builtin_plugins", config_views.BuiltinPlugins.as_view()),
    path("configs/plugin_config", config_views.PluginConfig.as_view()),
    path("preferences", preference_views.PreferencesView.as_view()),
    path("presets", preference_views.Presets.as_view()),
    path("presets/<preset_id>", preference_views.PresetDetail.as_view()),
    path("usage", usage_views.UsageView.as_view()),
]
