"""Write the table of countries: ISO 3166 numbers and codes, and names of the Unicode CLDR as Node.js has it.

Needs Debian's iso-codes for the numbers, and Node.js, whose Intl holds the CLDR, for the names.
"""

import json
import subprocess
from pathlib import Path

TABLE = Path(__file__).parent.parent / "src" / "appointed" / "superoffice" / "countries.tsv"
NUMBERS = Path("/usr/share/iso-codes/json/iso_3166-1.json")
# Language here → language there.
LANGUAGES = {"en": "en", "no": "nb", "sv": "sv", "da": "da", "de": "de", "fr": "fr", "nl": "nl"}
SCRIPT = """
const [codes, languages] = JSON.parse(process.argv[1]);
const names = languages.map((one) => new Intl.DisplayNames([one], {type: "region"}));
console.log(JSON.stringify(codes.map((code) => names.map((one) => one.of(code)))));
"""


def table() -> str:
    """Give the text of the table, sorted by number."""
    found = json.loads(NUMBERS.read_text("utf-8"))["3166-1"]
    countries = sorted((int(one["numeric"]), one["alpha_2"]) for one in found)
    asked = json.dumps([[code for _number, code in countries], list(LANGUAGES.values())])
    names = json.loads(subprocess.check_output(["node", "-e", SCRIPT, asked], text=True))
    rows = [(number, code, *said) for (number, code), said in zip(countries, names, strict=True)]
    return "".join("\t".join(map(str, row)) + "\n" for row in (("number", "code", *LANGUAGES), *rows))


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
