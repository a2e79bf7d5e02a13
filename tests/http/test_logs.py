import io
import json
import logging

import pytest

from appointed.http.logs import StandardHandler, describe_failure, open_log


def lines(stream: io.BytesIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_event_is_one_line_of_json() -> None:
    stream = io.BytesIO()
    log = open_log(stream)
    log.info("started", port=8000)
    log.warning("odd", text='"\n"', path=io)
    first, second = lines(stream)
    assert (first["event"], first["port"], first["level"]) == ("started", 8000, "info")
    assert (second["event"], second["text"], second["level"]) == ("odd", '"\n"', "warning")


@pytest.mark.parametrize(
    ("level", "events"), [("debug", ["d", "i", "e"]), ("info", ["i", "e"]), ("ERROR", ["e"])]
)
def test_lower_levels_are_left_out(level: str, events: list[str]) -> None:
    stream = io.BytesIO()
    log = open_log(stream, level)
    log.debug("d")
    log.info("i")
    log.error("e")
    assert [line["event"] for line in lines(stream)] == events


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        open_log(io.BytesIO(), "loud")


def failing(depth: int) -> None:
    if depth:
        failing(depth - 1)
    raise ValueError("canary")


def test_a_failure_is_told_by_kind_and_place_only() -> None:
    with pytest.raises(ValueError, match="canary") as caught:
        failing(20)
    told = describe_failure(caught.value)
    assert told["failure"] == "ValueError"
    assert len(told["where"]) == 12
    assert "canary" not in json.dumps(told)


def test_records_of_libraries_pass_without_their_arguments() -> None:
    stream = io.BytesIO()
    logger = logging.Logger("library")
    logger.addHandler(StandardHandler(open_log(stream)))
    logger.info("looked up %s\nsecond line canary", "canary")
    try:
        failing(0)
    except ValueError:
        logger.exception("Exception in application\n")
    logger.warning("")
    logger.debug("quiet")
    first, second, third = lines(stream)
    assert (first["event"], first["logger"], first["level"]) == ("looked up %s", "library", "info")
    assert (second["event"], second["failure"]) == ("Exception in application", "ValueError")
    assert third["event"] == "library"
    assert b"canary" not in stream.getvalue()


def test_records_of_our_own_say_what_they_are_about() -> None:
    stream = io.BytesIO()
    logger = logging.Logger("appointed.jobs.runner")
    logger.addHandler(StandardHandler(open_log(stream)))
    logger.warning("%s wait for the store: %s", "letters", "store_busy")
    assert [line["event"] for line in lines(stream)] == ["letters wait for the store: store_busy"]
