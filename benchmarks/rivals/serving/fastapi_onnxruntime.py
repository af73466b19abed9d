"""FastAPI on uvicorn (uvloop, httptools) with ONNX Runtime; JSON."""

# /// script
# dependencies = ["fastapi", "uvicorn[standard]", "onnxruntime"]
# [tool.benchmark]
# name = "FastAPI, ONNX Runtime"
# wire = "json"
# ///

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from servers.onnx import MODELS, Model

app = FastAPI()
models = {name: Model(Path(sys.argv[1]), name) for name in MODELS}


class Rows(BaseModel):
    """A request."""

    rows: list[list[float]]


@app.post("/{name}")
async def predict(name: str, body: Rows) -> dict[str, list]:
    """The answers."""
    return models[name].run_lists(body.rows)


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
