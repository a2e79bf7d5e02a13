"""What a browser with an empty cache fetches to show a page: the page, and every file that it names."""

import re
from collections.abc import Callable

import httpx

# Scripts and sheets name others by plain relative names.
NAMED = re.compile(r'(?:href|src)="(/pages/[^"]+)"')
IMPORTED = re.compile(r'(?:import|from) "\./([a-z_]+\.js)"')


def names_in(text: str, path: str = "") -> set[str]:
    """List the files that a page names, or a script at `path`."""
    if not path:
        return set(NAMED.findall(text))
    return {f"{path.rpartition('/')[0]}/{name}" for name in IMPORTED.findall(text)}


def size_of(answer: httpx.Response) -> int:
    """Count the bytes of an answer, its head included."""
    return len(answer.content) + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)


def first_view(get: Callable[[str], httpx.Response], page: str) -> tuple[int, int]:
    """Give the bytes of all that is fetched for a page, and the number of fetches."""
    shown = get(page)
    assert shown.status_code == httpx.codes.OK, shown.text
    waiting, sizes = names_in(shown.text), {page: size_of(shown)}
    while waiting - sizes.keys():
        path = min(waiting - sizes.keys())
        file = get(path)
        sizes[path] = size_of(file)
        waiting |= names_in(file.text, path) if path.endswith(".js") else set()
    return sum(sizes.values()), len(sizes)
