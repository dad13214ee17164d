from django.db import migrations

TELL = """
ALTER TABLE chats_chat ALTER COLUMN user_id SET (n_distinct = -0.001);
ANALYZE chats_chat (user_id);
"""
"""A prepared statement's one plan is made for the average owner, who has some twenty chats: Postgres then sorts all of an
owner's chats to find the newest ten, which is dear for somebody with 100,000. Told that an owner has a thousand, it reads
ten off the index, which is cheap for everybody.
"""

FORGET = """
ALTER TABLE chats_chat ALTER COLUMN user_id RESET (n_distinct);
ANALYZE chats_chat (user_id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("chats", "0013_waiting_of_user_index"),
    ]

    operations = [
        migrations.RunSQL(TELL, FORGET),
    ]
