"""sklearn.svm."""
