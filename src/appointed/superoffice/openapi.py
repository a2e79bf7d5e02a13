"""The SuperOffice contract as an OpenAPI 3.1 document."""

from typing import Any


def document() -> dict[str, Any]:
    """Make the document."""
    return {"openapi": "3.1.0", "info": {"title": "SuperOffice", "version": "0"}, "paths": {}}
