"""Write docs/settings.md from the settings' own descriptions."""

from pathlib import Path

from appointed.settings import PREFIX, describe

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = f"""# Settings

Every setting can stand in a TOML file (`--config`, or the variable `{PREFIX}CONFIG`) under its name, or
in a variable with `{PREFIX}` before its name in capitals; lists are separated by commas there. A variable
wins over the file, an option of the command over both. `appointed check` shows what is in force.

This page is made by `make docs`.

| Name | Variable | Type | Default | What it is |
|---|---|---|---|---|
"""


def page() -> str:
    """Give the page's text."""
    return HEAD + "".join(_row(*setting) for setting in describe())


def _row(name: str, kind: str, default: str, text: str) -> str:
    shown = f"`{default}`" if default else "(empty)"
    return f"| `{name}` | `{PREFIX}{name.upper()}` | {kind} | {shown} | {text} |\n"


if __name__ == "__main__":
    PAGE.write_text(page())
