"""Signs of a mistake that show in the outputs, however the function was written."""

from __future__ import annotations

import numpy as np

from kbook.exercises.tasks import Outputs

__all__ = ["gives_nan_or_inf", "hides_infinity", "is_constant"]


def gives_nan_or_inf(got: Outputs, want: Outputs) -> bool:
    """Recognize overflow: some values are nan or inf, all finite ones are right."""
    broken = any(not np.isfinite(g[np.isfinite(w)]).all() for g, w in _pairs(got, want))
    return broken and _right_where_finite(got, want)


def hides_infinity(got: Outputs, want: Outputs) -> bool:
    """Recognize clipping: finite where infinity is right, and right elsewhere."""
    hidden = any(np.isfinite(g[np.isinf(w)]).any() for g, w in _pairs(got, want))
    return hidden and _right_where_finite(got, want)


def is_constant(got: Outputs, _want: Outputs) -> bool:
    """Recognize a function which gives the same number whatever it is given."""
    return all(g.shape == () and g == got[0] for g in got)


def _pairs(got: Outputs, want: Outputs) -> Outputs:
    """Return arrays of two rows, ours and the right one, for outputs of the right shape."""
    return [np.stack([g, w]) for g, w in zip(got, want, strict=True) if g.shape == w.shape]


def _right_where_finite(got: Outputs, want: Outputs) -> bool:
    """Tell whether all shapes are right, and all values where both ours and theirs are finite."""
    pairs = [np.where(np.isfinite(pair).all(axis=0), pair, 0) for pair in _pairs(got, want)]
    return len(pairs) == len(got) and all(np.allclose(g, w, 1e-6, 1e-6) for g, w in pairs)
