"""What a server process writes to stderr: lines for people, or one JSON object per line for machines."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

# What a record may carry besides its text: `log.info("...", extra={"request": "..."})`.
FIELDS = ("model", "version", "request", "code", "milliseconds", "caller")


class Json(logging.Formatter):
    """time (UTC), level, logger, message, and those of `FIELDS` that the record has; `error` where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: JSON escapes what could break it, so that a client's text cannot forge a record."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: vars(record)[name] for name in FIELDS if name in vars(record)}
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """Time, level and message; line breaks in a message are escaped, for the same reason."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line."""
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


def to_stderr(form: str, *, requests: bool = False) -> None:
    """Write the records of vajra_onnx to stderr, unless the program has set up its own logging. form: text or json. requests: a
    record for every call (see `journal`)."""
    logging.getLogger("vajra_onnx.requests").setLevel(logging.INFO if requests else logging.WARNING)
    if logging.getLogger().handlers:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logger = logging.getLogger("vajra_onnx")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
