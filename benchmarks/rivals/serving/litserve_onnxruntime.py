"""LitServe with ONNX Runtime, as its quick start shows; JSON."""

# /// script
# dependencies = ["litserve", "onnxruntime"]
# [tool.benchmark]
# name = "LitServe, ONNX Runtime"
# wire = "json"
# ///

import sys
from pathlib import Path

import litserve
from servers.onnx import MODELS, Model


class Served(litserve.LitAPI):
    """One model, in a worker process of its own."""

    def setup(self, device):
        """In the worker."""
        self.model = Model(Path(sys.argv[1]), self.api_path.strip("/"))

    def decode_request(self, request):
        """From JSON."""
        return request["rows"]

    def predict(self, rows):
        """The answers."""
        return self.model.run_lists(rows)


if __name__ == "__main__":
    server = litserve.LitServer([Served(api_path=f"/{name}") for name in MODELS], accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[2]), num_api_servers=1, generate_client_file=False, log_level="warning")
