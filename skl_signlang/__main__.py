"""Run the command as ``python -m skl_signlang``."""

import sys

from skl_signlang.cli import main

if __name__ == "__main__":
    sys.exit(main())
