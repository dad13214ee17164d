from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0010_preferences"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="origin",
            field=models.JSONField(
                blank=True,
                editable=False,
                help_text="The id and the trace of the request that asked for it.",
                null=True,
            ),
        ),
    ]
