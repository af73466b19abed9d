"""sklearn.decomposition."""
