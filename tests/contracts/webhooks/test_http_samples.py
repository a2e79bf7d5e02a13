"""The vendor's own sample requests of webhooks, each replayed as it stands (tests/data)."""

from typing import Any

import pytest

from tests.contracts.http_samples import SAMPLES, SCHEMES, name_of, replay
from tests.contracts.webhooks.hooks import Hooks

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

HERE = [sample for sample in SAMPLES if sample["source"].startswith("Webhooks.")]


@pytest.mark.parametrize("sample", HERE, ids=name_of)
async def test_a_sample_is_answered(hooks: Hooks, sample: dict[str, Any]) -> None:
    made = await hooks.made()
    await replay(hooks.served, sample, SCHEMES[0], receiver=hooks.receiver.url, webhook=made["WebhookId"])
