"""sklearn.neighbors."""
