"""TensorFlow: SavedModels, and what has no emitter of its own, by way of tf2onnx."""
