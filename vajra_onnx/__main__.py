"""`python -m vajra_onnx`: the command line."""

from .cli import main

main()
