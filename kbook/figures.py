"""Show a figure together with the sentence that stands for it where it cannot be seen."""

import html
import io
import re
import struct

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import DisplayHandle, display
from matplotlib.figure import Figure

__all__ = ["LiveFigure", "show"]

DPI = 144  # two pixels of the picture to one of the page: one point of type is one CSS pixel

MIN_CHARACTERS, MIN_WORDS = 20, 3
FILE_NAME = re.compile(r"\.(png|jpe?g|gif|svg|webp|pdf|tiff?|bmp)$", re.IGNORECASE)

# Off the screen, not off the accessibility tree: so neither display:none nor visibility:hidden.
HIDDEN = (
    "position:absolute;width:1px;height:1px;margin:-1px;padding:0;border:0;"
    "overflow:hidden;clip:rect(0 0 0 0);clip-path:inset(50%);white-space:nowrap"
)


def show(fig: Figure, *, alt: str) -> None:
    """Display a figure as PNG, followed by its alternative text, and close it.

    The text comes in a paragraph of class `kbook-alt` that is hidden from the eye only: the image
    outputs of JupyterLab and Colab know no alternative text, so screen readers read the paragraph;
    the website moves it into the image's `alt`. If the figure holds pictures in color, the class
    `kbook-photograph` tells the website not to invert them on dark paper.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure. It is closed afterwards, so that no backend shows it a second time.
    alt : str
        What the figure shows, in at least three words and 20 characters. White space, line breaks
        included, counts as one blank.

    Raises
    ------
    TypeError
        If `fig` is not a Figure, or `alt` is missing or not a string.
    ValueError
        If `alt` is blank, too short, or a file name.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"show wants a matplotlib Figure; got {type(fig).__name__}.")
    LiveFigure(alt=alt).draw(fig)


class LiveFigure:
    """A figure that can be drawn again and again in its place, as while a net trains.

    Parameters
    ----------
    alt : str
        What the last drawing shows, as for `show`.

    Raises
    ------
    TypeError, ValueError
        As for `show`.
    """

    def __init__(self, *, alt: str) -> None:
        self.alt = _checked_alt(alt)
        self.handle: DisplayHandle | None = None

    def draw(self, fig: Figure) -> None:
        """Display a figure, in the place of the one before if there was one, and close it."""
        png, kind = _render(fig), "kbook-alt"
        if any(np.asarray(image.get_array()).ndim == 3 for ax in fig.axes for image in ax.images):
            kind += " kbook-photograph"
        plt.close(fig)
        width, height = struct.unpack(">II", png[16:24])  # a PNG's first chunk begins with its size
        bundle = {"image/png": png, "text/plain": "<Figure>"}
        metadata = {"image/png": {"width": width // 2, "height": height // 2}}
        if self.handle:
            self.handle.update(bundle, metadata=metadata, raw=True)
            return
        self.handle = display(bundle, metadata=metadata, raw=True, display_id=True)
        paragraph = f'<p class="{kind}" style="{HIDDEN}">{html.escape(self.alt)}</p>'
        display({"text/html": paragraph, "text/plain": self.alt}, raw=True)


def _checked_alt(alt: str) -> str:
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a string that says what the figure shows; got {alt!r}.")
    text = " ".join(alt.split())
    if FILE_NAME.search(text):
        raise ValueError(f"alt must say what the figure shows, not name a file; got {text!r}.")
    if len(text) < MIN_CHARACTERS or len(text.split()) < MIN_WORDS:
        raise ValueError(
            f"alt must say what the figure shows in at least {MIN_WORDS} words "
            f"and {MIN_CHARACTERS} characters; got {text!r}."
        )
    return text


def _render(fig: Figure) -> bytes:
    """Return PNG bytes that depend on the figure alone."""
    buffer = io.BytesIO()
    # matplotlib would sign the file with its version: another one would change every notebook
    fig.savefig(
        buffer,
        format="png",
        dpi=DPI,
        bbox_inches="tight",
        pad_inches=0.05,
        metadata={"Software": None},
    )
    return buffer.getvalue()
