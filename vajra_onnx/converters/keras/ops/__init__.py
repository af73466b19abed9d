"""What the operations of keras.ops compute that a functional graph holds, one file per module of theirs."""
