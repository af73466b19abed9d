"""The hashes by which TensorFlow puts text into buckets."""
