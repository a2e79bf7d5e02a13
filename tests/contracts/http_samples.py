"""The vendor's own sample requests, and how one is replayed as it stands (tests/data/superoffice_http_samples.toml)."""

import tomllib
from pathlib import Path
from typing import Any

import httpx

from tests.contracts.served import Served

TABLE = Path(__file__).parents[1] / "data" / "superoffice_http_samples.toml"
SAMPLES = tomllib.loads(TABLE.read_text(encoding="utf-8"))["sample"]
SCHEMES = ("SoTicket", "Bearer")


def name_of(sample: dict[str, Any]) -> str:
    """Name a sample."""
    return f"{SAMPLES.index(sample)}-{sample['source'].partition('.')[0]}"


async def replay(served: Served, sample: dict[str, Any], scheme: str, **places: Any) -> httpx.Response:
    """Send a sample and check its answer; `places` are what stands in braces."""

    def filled(text: str) -> str:
        for name, value in places.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    headers = await credentials(served, sample.get("login", "demo"), scheme) | {
        "SO-AppToken": "0123456789abcdef0123456789abcdef",
        "Accept": sample.get("accept", "application/json"),
        "Content-Type": "application/json; charset=utf-8",
    }
    if "language" in sample:
        headers["Accept-Language"] = sample["language"]
    content = filled(sample.get("body", "")).encode()
    path = f"/api{filled(sample['path'])}"
    answer = await served.client.request(sample["verb"], path, content=content, headers=headers)
    assert answer.status_code == sample.get("status", 200), answer.text
    assert filled(sample.get("holds", "")) in answer.text
    if answer.status_code >= 400:
        assert sample["why"]
        served.assert_body("superoffice", answer)
    return answer


async def credentials(served: Served, login: str, scheme: str) -> dict[str, str]:
    """Give the header of a login's ticket, or of the program's token."""
    if login != "demo":
        return served.bearer
    token = (await served.so("GET", "User/currentToken")).json()["Ticket"]
    return {"Authorization": f"{scheme} {token}"}
