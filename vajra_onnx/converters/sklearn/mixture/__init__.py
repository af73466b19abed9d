"""sklearn.mixture."""
