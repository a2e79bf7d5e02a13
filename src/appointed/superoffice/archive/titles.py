"""What columns are called, in the caller's language; a caller without one reads English."""

from typing import Final

from appointed.superoffice.texts import Language, localized, read_texts

# English title → language → title.
TITLES: Final = {
    title: texts | {"en": title}
    for title, texts in read_texts("appointed.superoffice.archive", "titles.tsv").items()
}


def title_in(title: str, language: Language | None) -> str:
    """Say a column's title; that of a user-defined field is what administrators made it."""
    if language is None:
        return title
    texts = TITLES.get(title)
    if texts is None:
        return localized(title, language)
    return next((texts[code] for code in language.wished if code in texts), title)
