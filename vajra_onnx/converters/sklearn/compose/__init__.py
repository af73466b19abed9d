"""sklearn.compose."""
