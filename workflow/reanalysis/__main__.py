"""`python -m reanalysis`, also installed as `reanalysis`: one sub-command a module of `commands`."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Protocol

from reanalysis.commands import verify
from reanalysis.errors import EXIT_STATUS, ReanalysisError
from reanalysis.software import VERSION


class Command(Protocol):
    """A module of `commands`."""

    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what the command takes."""

    def run(self, arguments: Namespace) -> int:
        """Run it, and return the exit status."""


# Each says in HELP what it does, takes its arguments by `add_arguments`, and runs by `run`, which returns the status.
COMMANDS: dict[str, Command] = {"verify": verify}


def main() -> int:
    """Run what the command line asks for, and return the exit status."""
    parser = ArgumentParser(prog="reanalysis", description="Work with the results of a re-analysis.")
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        module.add_arguments(commands.add_parser(name, help=module.HELP, description=module.__doc__))
    arguments = parser.parse_args()
    try:
        return COMMANDS[arguments.command].run(arguments)
    except ReanalysisError as error:
        print(error, file=sys.stderr)  # noqa: T201 (the message is the output)
        return EXIT_STATUS


if __name__ == "__main__":
    sys.exit(main())
