"""The wire: the Open Inference Protocol's messages, and tensors to and from their bytes. Knows nothing of models."""
