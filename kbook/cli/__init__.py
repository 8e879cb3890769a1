"""Commands: ``python -m kbook notebooks | record | repository | fallbacks | serve | drive``."""

import argparse
from pathlib import Path

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command that ``arguments`` (by default, the command line's) name."""
    parser = argparse.ArgumentParser(
        prog="python -m kbook", description="Tools of the course's authors."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in [
        ("notebooks", "execute notebooks in the quick profile and store normalized outputs"),
        ("record", "run the long parts of a notebook and store what they measured"),
    ]:
        command = commands.add_parser(name, help=text)
        command.add_argument("number", nargs="?", default="", help="a chapter's number, such as 01")
    command = commands.add_parser("repository", help="point every badge and install line at a fork")
    command.add_argument("url", help="such as https://github.com/OWNER/NAME")
    commands.add_parser("fallbacks", help="photograph every widget for readers without JavaScript")
    command = commands.add_parser("serve", help="serve the built site, compressed")
    command.add_argument("--port", type=int, default=8000)
    command.add_argument("--folder", type=Path, default=Path("_build/html"))
    _add_drive(commands.add_parser("drive", help="let a saved net drive, and score it"))
    _run(parser.parse_args(arguments))


def _add_drive(command: argparse.ArgumentParser) -> None:
    command.add_argument("--weights", type=Path, required=True, help="a file of `save_net`")
    command.add_argument("--tracks", type=int, default=20, help="how many roads")
    command.add_argument("--seed", type=int, default=1000, help="of the first road")
    command.add_argument("--wind", type=float, default=1.0, help="0 is a calm day")
    command.add_argument("--seconds", type=float, default=35.0, help="on each road")


def _run(options: argparse.Namespace) -> None:
    """Call the function behind a command; its imports are its own, so `serve` needs no torch."""
    if options.command in ("notebooks", "record"):
        from kbook.cli.notebooks import execute_all

        execute_all(options.number, record=options.command == "record")
    elif options.command == "repository":
        from kbook.cli.repository import repoint

        repoint(options.url)
    elif options.command == "fallbacks":
        from kbook.cli.fallbacks import photograph_all

        photograph_all()
    elif options.command == "drive":
        from kbook.cli.drive import drive

        choice = options.tracks, options.seed, options.wind, options.seconds
        drive(options.weights, *choice)
    else:
        from kbook.cli.serve import serve

        serve(options.folder, options.port)
