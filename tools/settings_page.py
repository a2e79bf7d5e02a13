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
    rows = (
        f"| `{name}` | `{PREFIX}{name.upper()}` | {kind} | {f'`{default}`' if default else '(empty)'} | {text} |\n"
        for name, kind, default, text in describe()
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page())
