"""The runtime: a model file, numpy and onnxruntime. Nothing here knows a training framework, pandas or onnx."""
