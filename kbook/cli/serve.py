"""Serve the built site the way a real host does: compressed."""

import asyncio
from pathlib import Path

from tornado.web import Application, StaticFileHandler

__all__ = ["application", "serve"]


def application(folder: Path) -> Application:
    """Return a web application that serves the files of ``folder``, compressed."""
    options = {"path": str(folder), "default_filename": "index.html"}
    return Application([(r"/(.*)", StaticFileHandler, options)], compress_response=True)


def serve(folder: Path, port: int) -> None:
    """Serve ``folder`` on this machine until interrupted."""
    if not (folder / "index.html").is_file():
        raise SystemExit(f"There is no site in {folder} yet: run `make book` first.")

    async def run() -> None:
        application(folder).listen(port, address="127.0.0.1")
        print(f"http://127.0.0.1:{port}   (Ctrl-C stops)")
        await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        print()
