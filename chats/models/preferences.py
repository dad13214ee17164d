"""Preferences: what a user wants of every new chat, and sets of sampling parameters under names of their own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from chats.ids import new_id
from chats.models.instructions import INSTRUCTIONS, Instructions

PRESET_NAME_LENGTH = 60


class PreferencesQuerySet(models.QuerySet["Preferences"]):
    """Named queries over preferences."""

    def of(self, user: Any) -> Preferences:
        """The user's; those of somebody who never changed any are not stored."""
        return self.filter(user=user).first() or Preferences(user=user)


class Preferences(Instructions):
    """A user's choices for new chats. Later changes do not reach chats that are there already."""

    OF_CHATS = ("allow_data_use", *INSTRUCTIONS)
    """The fields that a chat has too, and takes over when it begins."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    allow_data_use = models.BooleanField(default=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"


class SavedPresetQuerySet(models.QuerySet["SavedPreset"]):
    """Named queries over presets."""

    def owned_by(self, user: Any) -> SavedPresetQuerySet:
        """The user's own: a stranger's preset is simply not found."""
        return self.filter(user=user)


class SavedPreset(models.Model):
    """Sampling parameters under a name of the user's own, for any model."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=PRESET_NAME_LENGTH)
    sampling_parameters = models.JSONField()
    seed = models.BigIntegerField(null=True, blank=True, help_text="null: a fresh one for each reply.")
    modified_at = models.DateTimeField(auto_now=True)

    objects = SavedPresetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="preset_name_of_user")]

    def __str__(self) -> str:
        return self.name
