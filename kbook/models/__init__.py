"""Nets only: no losses, no training."""

from kbook.models.residual import Residual

__all__ = ["Residual"]
