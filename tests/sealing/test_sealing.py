"""Sealed values and the server's keys."""

import os
import subprocess
import sys

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


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("  Åse  STRAẞE ﬁn ", {"åse", "strasse", "fin"}),
        ("A\u030ase", {"åse"}),
        ("Roe, Jane", {"jane", "roe"}),
        ("Anne-Marie O’Brien", {"anne", "marie", "o", "brien"}),
        ("ΌΔΟΣ", {"όδοσ"}),
        ("राजेश कुमार", {"राजेश", "कुमार"}),
        ("\u0345α", {"ια"}),
        ("Jane Jane 2", {"jane", "2"}),
        (" -- \t\u200b", set()),
        ("", set()),
    ],
)
def test_words(name, words) -> None:
    assert words_of(name) == words


def test_without_its_key_a_value_is_gone(sealer) -> None:
    key, wrapped = sealer.new_key(WHERE)
    sealed = sealer.seal(key, b"Jane Roe", WHERE)
    # What is left after erasing: the sealed value, all server keys, and keys of other claimants.
    others = [sealer.unwrap(sealer.new_key(WHERE)[1], WHERE), KEYS.current, KEYS.lasting, KEYS.derive("wrap")]
    for other in others:
        with pytest.raises(SealBroken):
            sealer.open(other, sealed, WHERE)
    assert sealer.open(sealer.unwrap(wrapped, WHERE), sealed, WHERE) == b"Jane Roe"


def test_every_byte_counts(sealer) -> None:
    key, wrapped = sealer.new_key(WHERE)
    sealed = sealer.seal(key, b"Jane", WHERE)
    for at in range(len(sealed)):
        with pytest.raises(SealBroken):
            sealer.open(key, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], WHERE)
    for at in range(len(wrapped)):
        with pytest.raises(SealBroken):
            sealer.unwrap(wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :], WHERE)


def test_the_random_source_is_the_callers() -> None:
    def sealed() -> list[bytes]:
        counter = iter(range(100))
        sealer = Sealer(KEYS, lambda size: bytes([next(counter)]) * size)
        key, wrapped = sealer.new_key(WHERE)
        return [key, wrapped, sealer.seal(key, b"x", WHERE)]

    assert sealed() == sealed()
    assert sealed()[0] == bytes(32)


def test_keys_are_never_shown() -> None:
    keys = ServerKeys(b"c" * 32, b"l" * 32, (b"o" * 32,))
    current, older = id_of(b"c" * 32).hex(), id_of(b"o" * 32).hex()
    assert repr(keys) == str(keys) == f"ServerKeys(current={current}, older=[{older}])"


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


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path, mode) -> None:
    load_or_create(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load(tmp_path / KEY_FILE)


def test_a_folder_that_cannot_be_made_is_said(tmp_path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(KeyFileError, match="cannot be made"):
        load_or_create(tmp_path / "keys")


def test_a_failure_leaves_nothing_behind(tmp_path) -> None:
    def full(_size: int) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(KeyFileError, match="No space left"):
        load_or_create(tmp_path, full)
    assert list(tmp_path.iterdir()) == []
    assert load_or_create(tmp_path) == load(tmp_path / KEY_FILE)


def test_a_key_that_could_not_be_written_leaves_nothing(tmp_path) -> None:
    program = (
        "import resource, signal, sys; from pathlib import Path; from appointed.sealing import ring\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9, 9))\n"
        "ring.KeyRing(Path(sys.argv[1])).rotate()"
    )
    made = load_or_create(tmp_path)
    words = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": "src"}, check=False, capture_output=True, text=True
    )
    assert "File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert load(tmp_path / KEY_FILE) == made


def test_older_keys_stand_in_the_file(tmp_path) -> None:
    made = load_or_create(tmp_path)
    path = tmp_path / KEY_FILE
    new = b"n" * 32
    path.write_text(
        f'current = "{new.hex()}"\nlasting = "{made.lasting.hex()}"\nolder = ["{made.current.hex()}"]\n'
    )
    assert load_or_create(tmp_path) == ServerKeys(new, made.lasting, (made.current,))


@pytest.mark.parametrize(
    "text", ["", "current = 5", 'current = "zz"\nlasting = "zz"', 'current = "aa"\nlasting = "aa"', "[["]
)
def test_a_broken_file_is_refused(tmp_path, text) -> None:
    path = tmp_path / KEY_FILE
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        load(path)
