"""sklearn.cross_decomposition."""
