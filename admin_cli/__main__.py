"""`python -m admin_cli` is `points`, for an environment whose scripts are not on the path."""

import sys

from admin_cli.app import main

if __name__ == "__main__":
    sys.exit(main())
