"""Structured logs: one JSON object a line, made of closed fields, never of what callers sent."""

import logging
import traceback
from typing import Any, BinaryIO

import msgspec
import structlog

Log = structlog.typing.FilteringBoundLogger

OWN = "appointed."

_encode = msgspec.json.Encoder(enc_hook=str).encode


def open_log(stream: BinaryIO, level: str = "info") -> Log:
    """Make a logger that writes JSON lines (UTC time, level, event, fields) from this level up."""
    log: Log = structlog.wrap_logger(
        structlog.BytesLogger(stream),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    ).bind()
    return log


def _render(_logger: Any, _method: str, event: structlog.typing.EventDict) -> bytes:
    return _encode(event)


def describe_failure(error: BaseException) -> dict[str, Any]:
    """Say what failed and where, without the message: it may hold what a caller sent."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "failure": type(error).__name__,
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


class StandardHandler(logging.Handler):
    """Passes records on to our log: the first line of their text, of libraries without arguments.

    What the project's own rooms put into a record is closed: numbers, names of errors and of work, states.
    """

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        fields = describe_failure(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        said = record.getMessage() if record.name.startswith(OWN) else str(record.msg)
        text = (said.strip() or record.name).splitlines()[0]
        self._log.log(record.levelno, text, logger=record.name, **fields)
