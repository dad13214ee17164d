"""The user: an account here, or one of a login provider or trusted client."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from chats.ids import new_id


class User(AbstractUser):
    """A person. `provider` and `provider_account_id` say who vouches for them, as in Open-Assistant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.CharField(max_length=32, default="local")
    provider_account_id = models.CharField(max_length=255, blank=True)
    display_name = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "provider_account_id"],
                condition=~models.Q(provider_account_id=""),
                name="one_user_per_provider_account",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or self.username
