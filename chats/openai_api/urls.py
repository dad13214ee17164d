"""Paths under /v1/."""

from django.urls import path

from chats.openai_api import models_view
from chats.openai_api.completions import Completions

urlpatterns = [
    path("models", models_view.Models.as_view()),
    path("models/<path:model>", models_view.ModelDetail.as_view()),
    path("chat/completions", Completions.as_view(kind="chat")),
    path("completions", Completions.as_view(kind="text")),
]
