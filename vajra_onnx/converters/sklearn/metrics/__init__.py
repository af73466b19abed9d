"""sklearn.metrics."""
