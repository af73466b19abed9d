"""sklearn.impute."""
