"""Export: a fitted model and a sample in, a proven artifact out."""

from .build import build_model
from .convert import convert

__all__ = ["build_model", "convert"]
