"""What each preprocessing layer of keras.layers computes."""
