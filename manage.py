#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands, `python manage.py up` runs the whole stack."""

import os
import sys


def main() -> None:
    """Run the command named in sys.argv."""
    if sys.argv[1:2] == ["up"]:  # it makes the settings, so it runs before they are read
        from oasst_site.stack.up import main as up

        sys.exit(up(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
