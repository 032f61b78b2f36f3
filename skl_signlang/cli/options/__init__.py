"""Options of the command, with one module per subcommand and no heavy imports.

Functions
---------
make_parser
    Build the parser of all subcommands.
"""

from skl_signlang.cli.options._parser import PROGRAM, make_parser

__all__ = ["PROGRAM", "make_parser"]
