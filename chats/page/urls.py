"""Paths of the browser page."""

from django.urls import path

from chats.page import share_view, views

urlpatterns = [
    path("", views.page, name="page"),
    path("c/<str:chat_id>", views.page, name="page-chat"),
    path("share/<str:token>", share_view.share, name="share"),
]
