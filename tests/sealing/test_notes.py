"""Notes that a page gives away: whole or not at all, and for one owner."""

import pytest

from appointed.sealing.notes import NONCE_BYTES, open_note, seal_note

KEY, NONCE = bytes(range(32)), b"n" * NONCE_BYTES


@pytest.mark.parametrize("text", ["", "Jane Roe", "\N{SNOWMAN}" * 255])
def test_a_note_opens_for_its_owner_alone(text: str) -> None:
    note = seal_note(KEY, "one", text, NONCE)
    assert (open_note(KEY, "one", note), open_note(KEY, "two", note)) == (text, None)
    assert open_note(bytes(32), "one", note) is None
    assert text == "" or text not in note


@pytest.mark.parametrize("cut", range(1, 8))
def test_what_is_no_whole_note_is_none(cut: int) -> None:
    note = seal_note(KEY, "one", "Jane Roe", NONCE)
    for other in (note[:-cut], note[cut:], note[:cut], note + note, note + "!" * cut, "\udcff" * cut, ""):
        assert open_note(KEY, "one", other) is None
