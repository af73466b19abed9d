"""sklearn.linear_model._bayes: the mean of the predictive distribution; `return_std` is an argument, not an output."""

from __future__ import annotations

from sklearn.linear_model import ARDRegression, BayesianRidge

from ...registry import converts
from .base import predict_linear

converts(ARDRegression, BayesianRidge)(predict_linear)
