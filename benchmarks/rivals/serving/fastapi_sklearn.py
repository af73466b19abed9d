"""FastAPI on uvicorn with scikit-learn itself: what most people begin with; JSON."""

# /// script
# dependencies = ["fastapi", "uvicorn[standard]", "scikit-learn"]
# [tool.benchmark]
# name = "FastAPI, scikit-learn"
# wire = "json"
# models = ["logistic"]
# ///

import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from servers.sklearn import logistic

app = FastAPI()
model = logistic(Path(sys.argv[1]))


class Rows(BaseModel):
    """A request."""

    rows: list[list[float]]


@app.post("/logistic")
async def predict(body: Rows) -> dict[str, list]:
    """The answers."""
    rows = np.array(body.rows, np.float32)
    return {"predict": model.predict(rows).tolist(), "predict_proba": model.predict_proba(rows).tolist()}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning")
