"""Sealed values and the server's keys."""

import os

import pytest

from appointed.domain.errors import SealBroken
from appointed.sealing.keys import KEY_FILE, KeyFileError, ServerKeys, id_of, load, load_or_create
from appointed.sealing.sealer import Sealer, words_of

KEYS = ServerKeys(b"c" * 32, b"l" * 32)
WHERE = b"tenant 1 claimant 2"


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KEYS)


def test_what_is_sealed_opens_again(sealer) -> None:
    key, wrapped = sealer.new_key(WHERE)
    assert sealer.unwrap(wrapped, WHERE) == key
    sealed = sealer.seal(key, b"Jane Roe", b"here")
    assert b"Jane" not in sealed
    assert sealer.open(key, sealed, b"here") == b"Jane Roe"


def test_nothing_repeats(sealer) -> None:
    key, wrapped = sealer.new_key(WHERE)
    assert sealer.new_key(WHERE) != (key, wrapped)
    assert sealer.seal(key, b"x", b"") != sealer.seal(key, b"x", b"")


def test_another_context_key_or_byte_breaks_the_seal(sealer) -> None:
    key, wrapped = sealer.new_key(WHERE)
    sealed = sealer.seal(key, b"x", b"here")
    for broken in (sealed[:-1], sealed + b"x", sealed[:5], b"", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(SealBroken):
            sealer.open(key, broken, b"here")
    for other_key, context in ((key, b"there"), (b"k" * 32, b"here")):
        with pytest.raises(SealBroken):
            sealer.open(other_key, sealed, context)
    for broken_key, context in ((wrapped, b"elsewhere"), (wrapped[:-1], WHERE), (b"", WHERE)):
        with pytest.raises(SealBroken):
            sealer.unwrap(broken_key, context)


def test_older_server_keys_still_open_and_new_ones_wrap() -> None:
    old = Sealer(KEYS)
    key, wrapped = old.new_key(WHERE)
    new = Sealer(ServerKeys(b"n" * 32, KEYS.lasting, older=(KEYS.current,)))
    assert new.unwrap(wrapped, WHERE) == key
    assert old.is_current(wrapped)
    assert not new.is_current(wrapped)
    rewrapped = new.wrap(key, WHERE)
    with pytest.raises(SealBroken):
        old.unwrap(rewrapped, WHERE)


def test_search_hashes_last_through_a_change_of_keys(sealer) -> None:
    new = Sealer(ServerKeys(b"n" * 32, KEYS.lasting))
    assert new.search_hash("email", 1, "a@b") == sealer.search_hash("email", 1, "a@b")
    others = {
        sealer.search_hash(*args) for args in (("name", 1, "a@b"), ("email", 2, "a@b"), ("email", 1, "a"))
    }
    assert len(others | {sealer.search_hash("email", 1, "a@b")}) == 4


def test_words() -> None:
    assert words_of("  Åse  STRAẞE ﬁn ") == {"åse", "strasse", "fin"}


def test_derived_keys_differ_per_purpose() -> None:
    assert KEYS.derive("a") != KEYS.derive("b") != KEYS.lasting
    assert id_of(b"a" * 32) != id_of(b"b" * 32)


def test_keys_are_made_once_for_the_owner_alone(tmp_path) -> None:
    folder = tmp_path / "deep" / "keys"
    keys = load_or_create(folder)
    assert load_or_create(folder) == keys
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o077 == 0
    assert [file.name for file in folder.iterdir()] == [KEY_FILE]


def test_of_two_that_start_at_once_one_wins(tmp_path) -> None:
    def meanwhile(size: int) -> bytes:
        # Another process is quicker while this one makes its keys.
        if not (tmp_path / KEY_FILE).exists():
            os.rename(
                load_or_create(tmp_path / "other") and tmp_path / "other" / KEY_FILE, tmp_path / KEY_FILE
            )
        return b"m" * size

    keys = load_or_create(tmp_path, meanwhile)
    assert keys.current != b"m" * 32


def test_a_file_that_others_can_read_is_refused(tmp_path) -> None:
    load_or_create(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load(tmp_path / KEY_FILE)


@pytest.mark.parametrize(
    "text", ["", "current = 5", 'current = "zz"\nlasting = "zz"', 'current = "aa"\nlasting = "aa"', "[["]
)
def test_a_broken_file_is_refused(tmp_path, text) -> None:
    path = tmp_path / KEY_FILE
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        load(path)
