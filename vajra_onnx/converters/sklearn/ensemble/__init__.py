"""sklearn.ensemble."""
