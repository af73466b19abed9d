"""Export: a fitted model and a sample in, a proven artifact out."""

from .build import build_model

__all__ = ["build_model"]
