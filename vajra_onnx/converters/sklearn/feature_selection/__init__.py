"""sklearn.feature_selection."""
