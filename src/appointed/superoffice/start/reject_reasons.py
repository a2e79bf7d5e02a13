"""Suggestions for RejectReason (list rejectReason), in several languages; any other text may stand there."""

from typing import Final

from appointed.superoffice.start.items import Item

# One line per suggestion: the texts in English, Norwegian, Swedish, Danish, German, French and Dutch.
_KEYS: Final = ("US", "NO", "SW", "DA", "GE", "FR", "NL")
_TEXTS: Final = (
    ("Busy", "Opptatt", "Upptagen", "Optaget", "Beschäftigt", "Occupé", "Bezet"),
    ("On holiday", "På ferie", "På semester", "På ferie", "Im Urlaub", "En vacances", "Met vakantie"),
    ("Travelling", "På reise", "På resa", "På rejse", "Auf Reisen", "En déplacement", "Op reis"),
    ("Ill", "Syk", "Sjuk", "Syg", "Krank", "Malade", "Ziek"),
    ("Another time, please", "Et annet tidspunkt, takk", "En annan tid, tack", "Et andet tidspunkt, tak",
     "Bitte ein anderer Termin", "Un autre moment, s'il vous plaît", "Graag een ander tijdstip"),
)  # fmt: skip


def _text(texts: tuple[str, ...]) -> str:
    return "".join(f'{key}:"{text}";' for key, text in zip(_KEYS, texts, strict=True))


REJECT_REASONS: Final = tuple(
    Item(id=number, name=_text(texts), rank=number, type="rejectReason")
    for number, texts in enumerate(_TEXTS, start=1)
)
