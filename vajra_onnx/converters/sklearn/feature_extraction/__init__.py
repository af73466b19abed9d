"""Converters for sklearn.feature_extraction."""
