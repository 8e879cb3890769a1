"""The course's data: one module a data set, folders of pictures, mini-batches of any of them."""

from kbook.data.batches import Batches

__all__ = ["Batches"]
