"""Short texts that a page gives away and gets back: nobody reads or changes them meanwhile."""

from base64 import b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from appointed.sealing.keys import derived

NONCE_BYTES = 12


def seal_note(key: bytes, owner: str, text: str, nonce: bytes) -> str:
    """Seal a text for one owner, such as a session; `nonce` are 12 bytes that never come twice for them."""
    sealed = AESGCM(derived(key, f"note {owner}")).encrypt(nonce, text.encode(), None)
    return urlsafe_b64encode(nonce + sealed).decode()


def open_note(key: bytes, owner: str, note: str) -> str | None:
    """Give the text of a note back; None for another owner's, and for what is none."""
    try:
        data = b64decode(note.encode(), altchars=b"-_", validate=True)
        text = AESGCM(derived(key, f"note {owner}")).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None
    return text.decode()
