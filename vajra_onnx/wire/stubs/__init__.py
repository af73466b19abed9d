"""Made by proto/generate.py from proto/open_inference.proto: do not edit."""
