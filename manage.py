#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands, `python manage.py up` runs the whole stack."""

import os
import sys


def main() -> None:
    """Run the command named in sys.argv."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oasst_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
