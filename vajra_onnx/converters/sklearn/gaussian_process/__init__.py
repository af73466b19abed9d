"""sklearn.gaussian_process."""
