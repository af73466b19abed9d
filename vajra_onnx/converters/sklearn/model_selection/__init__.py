"""sklearn.model_selection."""
