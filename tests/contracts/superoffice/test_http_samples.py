"""A client made of the vendor's own sample requests: each is replayed as it stands (tests/data)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

TABLE = Path(__file__).parents[2] / "data" / "superoffice_http_samples.toml"
SAMPLES = tomllib.loads(TABLE.read_text())["sample"]
NAMES = [f"{number}-{sample['source'].partition('.')[0]}" for number, sample in enumerate(SAMPLES)]


@pytest.mark.parametrize("scheme", ["SoTicket", "Bearer"])
@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
async def test_a_sample_is_answered(served: Served, sample: dict[str, Any], scheme: str) -> None:
    token = (await served.so("GET", "User/currentToken")).json()["Ticket"]
    headers = {
        "Authorization": f"{scheme} {token}",
        "SO-AppToken": "0123456789abcdef0123456789abcdef",
        "Accept": sample.get("accept", "application/json"),
        "Content-Type": "application/json; charset=utf-8",
    } | ({"Accept-Language": sample["language"]} if "language" in sample else {})
    answer = await served.client.request(
        sample["verb"], f"/api{sample['path']}", content=sample.get("body", ""), headers=headers
    )
    assert answer.status_code == sample.get("status", 200), answer.text
    assert sample.get("holds", "") in answer.text
    if answer.status_code >= 400:
        assert sample["why"]
        served.assert_body("superoffice", answer)
