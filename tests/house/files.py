"""The project's own files, as the house tests read them."""

import subprocess
from pathlib import Path

TOP = Path(__file__).parent.parent.parent


def ours(*patterns: str) -> list[Path]:
    """List the files that are or would be under version control, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=TOP,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(path for name in set(listed.split("\0")) - {""} if (path := TOP / name).is_file())


def named(path: Path) -> str:
    """Name a file as seen from the top of the repository."""
    return str(path.relative_to(TOP))
