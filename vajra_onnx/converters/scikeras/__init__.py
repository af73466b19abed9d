"""SciKeras: Keras models as scikit-learn's estimators, unwrapped."""
