"""A progress bar that stays readable where the outputs of a notebook are stored."""

import sys
import time
from types import TracebackType
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle
from tqdm import tqdm

__all__ = ["Progress"]

PAUSE = 0.2  # seconds between two drawings: more of them would only keep the browser busy
WIDTH = 72


class Progress:
    """One line of plain text, redrawn in place: a notebook stores its last state and no other.

    tqdm finds the words; its own bar would store a widget, or hundreds of lines. In a terminal the
    line goes to stderr; where stderr goes to a file, there is none.
    """

    def __init__(self, done: int, total: int, *, visible: bool = True) -> None:
        self.first, self.done, self.total = done, done, total
        self.loss = ""
        self.start = time.perf_counter()
        self.last_drawn = -PAUSE
        in_notebook = hasattr(get_ipython(), "kernel")
        self.handle: Any = DisplayHandle() if visible and in_notebook else None
        self.in_terminal = visible and not in_notebook and sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        """Draw the start."""
        self._draw()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Draw how far it got."""
        self._draw()
        if self.in_terminal:
            print(file=sys.stderr)

    def show(self, done: int, loss: float) -> None:
        """Take note of how far we are, and draw it unless something was drawn a moment ago."""
        self.done, self.loss = done, f"loss={loss:.3g}"
        if time.perf_counter() - self.start - self.last_drawn >= PAUSE:
            self._draw()

    def _draw(self) -> None:
        elapsed = time.perf_counter() - self.start
        line = tqdm.format_meter(
            self.done,
            self.total,
            elapsed,
            ncols=WIDTH,
            unit=" steps",
            initial=self.first,
            postfix=self.loss,
        )
        if self.handle:
            first_time = self.last_drawn < 0
            show = self.handle.display if first_time else self.handle.update
            show({"text/plain": line}, raw=True)
        elif self.in_terminal:
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
        self.last_drawn = elapsed
