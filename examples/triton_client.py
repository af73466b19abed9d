"""Ask a running `vajra-onnx serve models` with Triton's own client: `python examples/triton_client.py localhost:8001`

Needs `pip install "tritonclient[grpc]"`, and the model that examples/penguins.py saves.
"""

import sys

import numpy as np
import tritonclient.grpc as triton

row = {"island": b"Dream", "sex": b"female"}
numbers = {"bill_length_mm": 39.5, "bill_depth_mm": 17.4, "flipper_length_mm": 186.0, "body_mass_g": 3800.0}

client = triton.InferenceServerClient(sys.argv[1] if len(sys.argv) > 1 else "localhost:8001")
inputs = []
for name, text in row.items():
    inputs.append(triton.InferInput(name, [1, 1], "BYTES"))
    inputs[-1].set_data_from_numpy(np.array([[text]], dtype=object))
for name, number in numbers.items():
    inputs.append(triton.InferInput(name, [1, 1], "FP64"))
    inputs[-1].set_data_from_numpy(np.array([[number]]))
inputs.append(triton.InferInput("year", [1, 1], "INT64"))
inputs[-1].set_data_from_numpy(np.array([[2007]]))

answer = client.infer("penguins", inputs)
print(answer.as_numpy("predict"), answer.as_numpy("predict_proba"))
