"""To which hosts people may be led after a call: what the command takes, refuses and tells."""

import pytest

from appointed.domain.audit import Act
from appointed.domain.redirect_url import MOST_HOSTS
from appointed.usecases.administer import CommandRefused
from appointed.usecases.administer_protection import SetTenant
from tests.usecases.fake_protection import administrator
from tests.usecases.test_protection import SafeStore


async def test_hosts_are_set_as_they_are_compared() -> None:
    store = SafeStore()
    admin = administrator(store, "x")
    hosts = ("Example.ORG", "example.org", "bücher.example")
    report = await admin.run(SetTenant(tenant_id=1, redirect_hosts=hosts))
    assert report == {"tenant": 1, "redirect hosts": "example.org, xn--bcher-kva.example"}
    assert store.tenant.redirect_hosts == ("example.org", "xn--bcher-kva.example")
    assert store.audit.told[-1][0] is Act.TENANT_CHANGED
    report = await admin.run(SetTenant(tenant_id=1, redirect_hosts=()))
    assert report["redirect hosts"] == "every public https host"


@pytest.mark.parametrize(
    ("tenant", "hosts"),
    [
        (1, ("https://example.org",)),
        (1, ("example.org:8443",)),
        (1, ("",)),
        (2, ()),
        (1, tuple(f"h{number}.example" for number in range(MOST_HOSTS + 1))),
    ],
    ids=["url", "port", "empty", "tenant", "many"],
)
async def test_what_is_no_host_is_refused(tenant, hosts) -> None:
    store = SafeStore()
    with pytest.raises(CommandRefused):
        await administrator(store, "x").run(SetTenant(tenant_id=tenant, redirect_hosts=hosts))
    assert store.audit.told == []
