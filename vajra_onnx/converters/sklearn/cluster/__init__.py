"""sklearn.cluster."""
