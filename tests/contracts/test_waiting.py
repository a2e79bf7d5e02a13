"""What waits to be delivered, as operators see it."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.contracts.test_around import called


def waiting(text: str) -> dict[str, float]:
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {one.labels["kind"]: one.value for one in samples if one.name == "appointed_waiting"}


async def test_what_waits_is_told(tmp_path: Path) -> None:
    async with called(tmp_path, webhook_delivery=False) as (client, parts):
        before = waiting((await client.get("/metrics")).text)
        assert set(before) == {"events", "calls", "letters"}
        made = await client.post("/api/v1/Appointment", json={"Title": "Waits"})
        assert made.status_code == 200
        assert waiting((await client.get("/metrics")).text) == before | {"events": before["events"] + 1}
        await parts.store.close()
        told = (await client.get("/metrics")).text
        assert "appointed_requests_total" in told
        assert waiting(told) == {}
