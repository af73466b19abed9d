"""sklearn.linear_model._perceptron: a linear classifier without probabilities."""

from __future__ import annotations

from sklearn.linear_model import Perceptron

from ...registry import converts
from .base import classify_linear

converts(Perceptron)(classify_linear)
