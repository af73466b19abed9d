"""What each layer of keras.layers computes, one file per module of theirs."""
