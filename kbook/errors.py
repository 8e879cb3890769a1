"""The errors that a reader meets as one sentence."""

__all__ = ["OneSentence"]


class OneSentence(Exception):
    """An error that a notebook shows as its sentence alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:  # the name that IPython looks for
        return [f"{type(self).__name__}: {self}"]
