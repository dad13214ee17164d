#!/usr/bin/env python
"""The command line: without a command it lists what there is; `manage.py up` runs the whole stack."""

import os
import sys

OVERVIEW = """\
manage.py up              run the whole stack on this machine, as `make run` does; up postgres or up valkey: only that
manage.py prepare         what the database and the static files need before the applications start
manage.py doctor          look at every dependency and setting, say what is wrong and how to mend it
manage.py models          list and check the model catalogue; models add: write an entry for what an engine serves
manage.py create_worker   let a worker in and print its key
manage.py rotate_worker_key   give a worker another key
manage.py createsuperuser, migrate, check, shell, ...   Django's own

manage.py COMMAND --help tells a command's options, manage.py help lists all. Beside a running `make run`, load its
settings first:  set -a; . .local/env; set +a
"""


def main() -> None:
    """Run the command named in sys.argv."""
    if len(sys.argv) == 1:
        sys.stdout.write(OVERVIEW)
        return
    try:
        if sys.argv[1] == "up":  # it makes the settings, so it runs before they are read
            from oasst_site.stack.up import main as up

            sys.exit(up(sys.argv[2:]))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")
        if sys.argv[1] == "doctor":  # it is asked when the settings are no good, too
            from oasst_site.doctor.command import main as doctor

            sys.exit(doctor(sys.argv[2:]))
        from oasst_site.last_words import hush_the_pool
        from oasst_site.start import refuse_bad_settings

        refuse_bad_settings()
        hush_the_pool()
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        if error.name in ("celery", "django"):
            sys.exit(
                f"manage.py: {sys.executable} lacks the packages ({error}). `make stack` puts them into .venv; then: "
                f".venv/bin/python manage.py {' '.join(sys.argv[1:])}"
            )
        raise
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
