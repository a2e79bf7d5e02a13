"""Members of requests about the audit log, claimants and settings (ours: ADR 0151)."""

from typing import Any, Final

from appointed.domain.audit import Act
from appointed.domain.redirect_url import LONGEST_HOST, MOST_HOSTS, read_host
from appointed.sqod.organisation.rules import MOST_ID
from appointed.sqod.readers import integer, one_of, read_end, read_moment, read_reference, read_uuid, text
from appointed.sqod.validation import Broken, Null, Rule, Table
from appointed.usecases.claimant_ports import Lookup

LONGEST_SEARCH: Final = 254
SEPARATOR: Final = ","


def read_acts(value: Any) -> tuple[Act, ...] | Broken:
    """Read words of what was done, between commas."""
    words = value.split(SEPARATOR) if isinstance(value, str) else [None]
    found = [one_of(Act)(word.strip() if word else word) for word in words]
    broken = next((one for one in found if isinstance(one, Broken)), None)
    return broken or tuple(dict.fromkeys(found))


def read_hosts(value: Any) -> tuple[str, ...] | Broken:
    """Read a list of host names, as they are compared."""
    if not isinstance(value, dict | list):
        return Broken("array")
    rows = list(value.values()) if isinstance(value, dict) else value
    if len(rows) > MOST_HOSTS:
        return Broken("most", MOST_HOSTS)
    hosts = [read_host(row) if isinstance(row, str) and len(row) <= LONGEST_HOST else None for row in rows]
    found = tuple(dict.fromkeys(host for host in hosts if host is not None))
    return Broken("host") if None in hosts else found


AUDIT: Final[Table] = {
    "user": Rule(read=integer(0, MOST_ID), null=Null.LEAVES),
    "action": Rule(read=read_acts, null=Null.LEAVES),
    "from": Rule(read=read_moment, null=Null.LEAVES),
    "to": Rule(read=read_end, null=Null.LEAVES),
    "appointment": Rule(read=read_reference, null=Null.LEAVES),
    "department": Rule(read=read_reference, null=Null.LEAVES),
    "after": Rule(read=read_uuid, null=Null.LEAVES),
}
SEARCH: Final[Table] = {
    "by": Rule(read=one_of(Lookup), is_required=True),
    "text": Rule(read=text(LONGEST_SEARCH), is_required=True),
}
SETTINGS: Final[Table] = {"redirect_hosts": Rule(read=read_hosts, null=Null.CLEARS, cleared=())}
