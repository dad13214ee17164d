"""Paths of the browser page."""

from django.urls import path
from django.views.i18n import set_language

from chats.page import share_view, views
from chats.page.catalogue import catalogue

urlpatterns = [
    path("", views.page, name="page"),
    path("c/<str:chat_id>", views.page, name="page-chat"),
    path("share/<str:token>", share_view.share, name="share"),
    path("language", set_language, name="set_language"),
    path("texts/<str:language>.<str:digest>.js", catalogue, name="page-texts"),
]
