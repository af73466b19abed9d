"""sklearn.covariance."""
