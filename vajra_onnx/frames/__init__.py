"""Frames: what users hold (DataFrame, dict of columns, rows, array) to and from named, typed columns."""

from .encode import encode
from .infer import infer
from .read import read
from .rebuild import rebuild

__all__ = ["encode", "infer", "read", "rebuild"]
