import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ASKED_BY = """
UPDATE chats_message SET asked_by_id = chats_chat.user_id FROM chats_chat
WHERE chats_chat.id = chat_id AND state IN ('pending', 'in_progress')
"""
"""What waits now, and what may wait again. Of the rest nobody asks how much of a user waits."""


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0011_reply_origin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="asked_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                help_text="The chat's owner once more: to count what waits of a user without reading all that waits.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(ASKED_BY, migrations.RunSQL.noop),
    ]
