"""A client made of the vendor's own sample requests: each is replayed as it stands (tests/data)."""

from typing import Any

import pytest

from tests.contracts.http_samples import SAMPLES, SCHEMES, name_of, replay
from tests.contracts.served import Served

pytestmark = [pytest.mark.server, pytest.mark.asyncio(loop_scope="package")]

# Those of webhooks need somebody who answers them: they are replayed beside the others of webhooks.
HERE = [sample for sample in SAMPLES if not sample["source"].startswith("Webhooks.")]


@pytest.mark.parametrize("sample", HERE, ids=name_of)
async def test_a_sample_is_answered(served: Served, sample: dict[str, Any]) -> None:
    # By turns with a ticket and as a bearer: that both open every door is shown by the tests of credentials.
    await replay(served, sample, SCHEMES[HERE.index(sample) % len(SCHEMES)])
