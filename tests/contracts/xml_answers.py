"""Every XML answer that a test gets is held against the schema that the server publishes."""

from functools import lru_cache

import httpx
from lxml import etree

from appointed.superoffice.openapi import document
from appointed.superoffice.xsd import xml_schema


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema:
    """Read the schema once."""
    return etree.XMLSchema(etree.fromstring(xml_schema(document())))


def problems(body: bytes) -> list[str]:
    """Say what keeps a document from being one of the schema's."""
    known = schema()
    tree = etree.fromstring(body)
    return [] if known.validate(tree) else [f"{one.path}: {one.message}" for one in known.error_log]


async def judge(answer: httpx.Response) -> None:
    """Judge an answer; a hook of the client."""
    is_schema = answer.request.url.path.endswith(".xsd")
    if answer.headers.get("Content-Type", "").startswith("application/xml") and not is_schema:
        found = problems(await answer.aread())
        assert found == [], found
