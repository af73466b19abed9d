"""scikit-learn. The files mirror its modules: `sklearn.preprocessing._encoders` is `preprocessing/encoders.py`."""
