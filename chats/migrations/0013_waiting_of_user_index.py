from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is built while people ask and workers claim: the table may be long

    dependencies = [
        ("chats", "0012_waiting_of_user"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("asked_by__isnull", False), ("state", "pending")),
                fields=["asked_by"],
                name="messages_waiting_of_user",
            ),
        ),
    ]
