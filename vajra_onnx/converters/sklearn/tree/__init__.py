"""sklearn.tree."""
