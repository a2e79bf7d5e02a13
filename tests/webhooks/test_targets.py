"""Where calls may go: public https addresses, however they are spelt, and what the operator adds."""

import re

import pytest

from appointed.domain.errors import Problem
from appointed.settings import Settings
from appointed.sqod.messages import message
from appointed.superoffice.problems import sentence
from appointed.webhooks.targets import Guard, TargetRefused, TargetRules, look_up

# What of the operator's settings lets such an address pass.
SETTINGS = {
    "url_plain_http": {"APPOINTED_WEBHOOK_PLAIN_HTTP"},
    "url_port": {"APPOINTED_WEBHOOK_PORTS"},
    "url_network": {"APPOINTED_WEBHOOK_NETWORKS"},
}


def leading_to(*addresses: str, rules: TargetRules = TargetRules()) -> Guard:  # noqa: B008 - never changes
    async def lookup(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return Guard(rules, lookup)


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "ftp://receiver.example/",
        "file:///etc/passwd",
        "gopher://receiver.example/",
        "javascript:alert(1)",
        "//receiver.example/",
        "receiver.example",
        "https://",
        "https:///x",
        "",
        "https://user@receiver.example/",
        "https://user:word@receiver.example/",
        "https://receiver.example:22/",
        "https://receiver.example:0/",
        "https://receiver.example:70000/",
        "https://receiver.example:x/",
        "https://receiver.example\\@10.0.0.1/",
        "https://receiver.example/a b",
        "https://receiver.example/\r\nHost: x",
        "https://①②⑦.0.0.1/",
        "https://[::1%25eth0]/",
        "https://[::1/",
        "https://-x.example/",
        "https://a%2eb.example/",
        "https://receiver.example/" + "x" * 2_040,
    ],
)
async def test_an_address_that_is_no_plain_https_url_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        await leading_to("8.8.8.8").demand(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::",
    ],
)
async def test_a_name_that_leads_to_an_inner_address_is_refused(address: str) -> None:
    for found in ((address,), ("8.8.8.8", address)):
        with pytest.raises(TargetRefused):
            await leading_to(*found).demand("https://receiver.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
async def test_a_public_address_is_allowed(address: str) -> None:
    guard = leading_to(address)
    await guard.demand("https://receiver.example/hook?a=1")
    await guard.demand("https://receiver.example:443/")
    assert guard.target("https://receiver.example/hook?a=1").path == "/hook?a=1"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "017700000001", "127.1", "0", "[::1]", "localhost"]
)
async def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    """Looked up by the system itself, as a call would."""
    with pytest.raises(TargetRefused):
        await Guard(TargetRules()).demand(f"https://{host}/")


async def test_the_operator_may_allow_networks_ports_and_http() -> None:
    rules = TargetRules(networks=("10.1.0.0/16", "::1/128"), ports=(), allows_http=True)
    for url in ("http://inner.example/", "https://inner.example:8443/"):
        await leading_to("10.1.2.3", rules=rules).demand(url)
        await leading_to("::ffff:10.1.2.3", rules=rules).demand(url)
        with pytest.raises(TargetRefused):
            await leading_to("10.2.0.1", rules=rules).demand(url)


async def test_a_name_that_cannot_be_looked_up_now_may_be_registered() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    await Guard(TargetRules(), unknown).demand("https://receiver.example/")
    await leading_to().demand("https://receiver.example/")


async def test_what_is_no_name_has_no_address() -> None:
    with pytest.raises(OSError, match="not one"):
        await look_up("a" * 64 + ".example", 443)


@pytest.mark.parametrize(
    ("url", "rule", "allowed"),
    [
        ("not a url", "url_form", None),
        ("https://a:b@receiver.example/", "url_form", None),
        ("https://receiver.example:x/", "url_form", None),
        ("ftp://receiver.example/", "url_scheme", None),
        ("http://receiver.example/", "url_plain_http", None),
        ("https://receiver.example:8443/", "url_port", "443"),
        ("https://receiver.example/", "url_network", None),
    ],
)
async def test_the_broken_rule_is_told_and_worded_with_what_the_operator_may_do(
    url: str, rule: str, allowed: str | None
) -> None:
    with pytest.raises(TargetRefused) as refused:
        await leading_to("10.0.0.1").demand(url)
    assert (refused.value.rule, refused.value.allowed) == (rule, allowed)
    problem = Problem("target_url", rule, allowed=allowed)
    for text in (sentence(problem), message(problem)):
        assert text not in (sentence(Problem("", "none")), message(Problem("target_url", "none")))
        assert "{" not in text
        assert set(re.findall("APPOINTED_[A-Z_]+", text)) == SETTINGS.get(rule, set())
    variables = {f"APPOINTED_{field.upper()}" for field in Settings.__struct_fields__}
    assert {name for names in SETTINGS.values() for name in names} <= variables
