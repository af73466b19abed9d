"""sklearn.linear_model."""
