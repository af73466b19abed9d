"""Keras: the saved form of a model, walked with our own emitters into operators. No Keras is needed for it."""
