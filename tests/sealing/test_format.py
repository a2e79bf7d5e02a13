"""The bytes that stores keep: a release that reads or writes others would lose what was sealed before."""

from appointed.sealing.keys import ServerKeys
from appointed.sealing.sealer import Sealer

KEY = b"k" * 32
WRAPPED = bytes.fromhex(
    "bcb9ea2f727272727272727272727272246a44e27e3c2671a7bad2f6cc21700ee0ee8377fae6e1f22192c13b56e857164c891ef4bd647d7ce86d55b44399d149"
)
SEALED = bytes.fromhex("7272727272727272727272721f4b7279ad308c3704cad2c229bc1d200459710b7f0da64f")
FOUND_BY = bytes.fromhex("81a8627f609cb906294500cb99a864bb")


def sealer() -> Sealer:
    return Sealer(ServerKeys(b"c" * 32, b"l" * 32), lambda size: b"r" * size)


def test_what_was_kept_once_opens_for_ever():
    assert sealer().unwrap(WRAPPED, b"claimant") == KEY
    assert sealer().open(KEY, SEALED, b"claimant") == b"Jane Roe"


def test_the_same_bytes_are_written_as_ever():
    assert sealer().wrap(KEY, b"claimant") == WRAPPED
    assert sealer().seal(KEY, b"Jane Roe", b"claimant") == SEALED
    assert sealer().search_hash("name", 1, "jane") == FOUND_BY


def test_the_sizes_are_those_documented():
    id_, nonce, tag = 4, 12, 16
    assert len(WRAPPED) == id_ + nonce + len(KEY) + tag
    assert len(SEALED) == nonce + len("Jane Roe") + tag
    assert len(FOUND_BY) == 16
