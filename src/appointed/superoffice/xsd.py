"""The XML answers as an XML Schema, made from the OpenAPI document and so from the tables of the carriers.

Each operation names the root of its XML answer; docs/contracts/superoffice/formats.md has the scheme.
"""

from collections.abc import Iterator
from typing import Any, Final

from appointed.superoffice.xml import DECLARATION, DICTIONARIES, LIST, element_name, item_name

Schema = dict[str, Any]

JSON, XML = "application/json", "application/xml"
ANYTHING: Final = "xs:anyType"
SIMPLE: Final = {"boolean": "xs:boolean", "integer": "xs:int", "number": "xs:double", "string": "xs:string"}
SCALARS: Final = {"boolean": "boolean", "integer": "int", "number": "double", "string": "string"}
# Roots that stand for values of many types.
LOOSE: Final = frozenset({"Dictionary"})
# Marks a member that holds another answer whole: in XML one element, any of the roots.
ANY_ANSWER: Final = "x-any-answer"
_PLAIN_TEXT: Final = {"schema": {"type": "string"}}
_REF = "#/components/schemas/"
_TO_ATTRIBUTE: Final = {"&": "&amp;", "<": "&lt;", '"': "&quot;"}


def xml_schema(document: Schema) -> bytes:
    """Write the schema of every XML answer that an OpenAPI document names."""
    roots = dict(sorted(_roots(document), key=lambda pair: pair[0]))
    known = document["components"]["schemas"]
    named = {_REF + name: schema for name, schema in known.items()}
    out = [f'{DECLARATION}<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">']
    for root, schema in roots.items():
        out += _element(root, root, {} if root in LOOSE else schema, named, is_root=True)
    for name in _reached(roots, known):
        out += _type(known[name], name, named, f' name="{name}"')
    return "\n".join([*out, "</xs:schema>", ""]).encode()


def _roots(document: Schema) -> Iterator[tuple[str, Schema]]:
    for answer in answers_of(document):
        content = answer.get("content", {})
        if XML in content:
            # A text that is no JSON is a `string` in XML.
            yield content[XML]["schema"]["xml"]["name"], content.get(JSON, _PLAIN_TEXT)["schema"]


def answers_of(document: Schema) -> Iterator[Schema]:
    """List the answers of all operations and those that they share."""
    yield from document["components"].get("responses", {}).values()
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                yield from operation["responses"].values()


def _reached(roots: dict[str, Schema], known: dict[str, Schema]) -> list[str]:
    """Name the schemas that the roots lead to."""
    found: set[str] = set()
    waiting: list[Any] = list(roots.values())
    while waiting:
        one = waiting.pop()
        name = one.get("$ref", "").removeprefix(_REF) if isinstance(one, dict) else ""
        if name and name not in found:
            found.add(name)
            waiting.append(known[name])
        if isinstance(one, dict | list):
            waiting += one.values() if isinstance(one, dict) else one
    return sorted(found)


def _element(
    tag: str,
    member: str,
    schema: Schema,
    named: dict[str, Schema],
    occurs: str = "",
    *,
    is_root: bool = False,
) -> list[str]:
    """Declare an element; `member` tells what an array or dictionary in it holds."""
    plain, is_nullable = _without_null(schema)
    nil = ' nillable="true"' if is_nullable or is_root else ""
    start = f'<xs:element name="{element_name(tag)}"{nil}{occurs}'
    if ANY_ANSWER in schema:
        inside = '<xs:any namespace="##local" processContents="strict"/>'
        return [f"{start}>", *_complex([inside], ""), "</xs:element>"]
    reference = _reference(plain, member, named)
    if reference:
        return [f'{start} type="{reference}"/>']
    return [f"{start}>", *_type(plain, member, named), "</xs:element>"]


def _reference(schema: Schema, member: str, named: dict[str, Schema]) -> str:
    if "$ref" in schema:
        target = named[schema["$ref"]]
        # What a dictionary looks like hangs on the member's name.
        return "" if _is_dictionary(target) else str(schema["$ref"]).removeprefix(_REF)
    if not schema or "anyOf" in schema or _is_free(schema):
        return ANYTHING
    if isinstance(schema.get("type"), str) and not ({"enum", "pattern"} & set(schema)):
        return SIMPLE.get(schema["type"], "")
    return ""


def _type(schema: Schema, member: str, named: dict[str, Schema], name: str = "") -> list[str]:
    target = named.get(schema.get("$ref", ""), schema)
    if target.get("type") == "array":
        return _complex(_items(member, target["items"], named), name)
    if _is_dictionary(target) and member in DICTIONARIES:
        return _complex(_entries(target["additionalProperties"], named), name)
    if target.get("type") == "object":
        is_ordered = _is_free(target) or set(target.get("required", ())) == set(target.get("properties", {}))
        return _complex(_members(target, named), name, "sequence" if is_ordered else "all")
    return _simple(target, name)


def _complex(inside: list[str], name: str, kind: str = "sequence") -> list[str]:
    return [f"<xs:complexType{name}><xs:{kind}>", *inside, f"</xs:{kind}></xs:complexType>"]


def _items(member: str, items: Schema, named: dict[str, Schema]) -> list[str]:
    plain, _is_nullable = _without_null(items)
    target = named.get(plain.get("$ref", ""), plain)
    kind = target.get("type", "")
    name = item_name(member)
    if kind == "array":
        name = LIST + name
    return _element(SCALARS.get(kind, name), member, items, named, ' minOccurs="0" maxOccurs="unbounded"')


def _entries(values: Schema, named: dict[str, Schema]) -> list[str]:
    return [
        '<xs:element name="Entry" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>',
        '<xs:element name="Key" type="xs:string"/>',
        *_element("Value", "Value", values, named),
        "</xs:sequence></xs:complexType></xs:element>",
    ]


def _members(schema: Schema, named: dict[str, Schema]) -> list[str]:
    properties = schema.get("properties", {})
    if _is_free(schema):
        return ['<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>']
    required = set(schema.get("required", ()))
    return [
        line
        for name, inner in properties.items()
        for line in _element(name, name, inner, named, "" if name in required else ' minOccurs="0"')
    ]


def _simple(schema: Schema, name: str) -> list[str]:
    if "const" in schema:
        schema = {"enum": [schema["const"]]}
    facets = [f'<xs:enumeration value="{_attribute(_text(one))}"/>' for one in schema.get("enum", ())]
    if "pattern" in schema:
        # XML Schema's patterns always mean the whole value.
        pattern = schema["pattern"].removeprefix("^").removesuffix("$")
        facets.append(f'<xs:pattern value="{_attribute(pattern)}"/>')
    kind = schema.get("type", "string")
    base = SIMPLE.get(kind, "xs:string") if isinstance(kind, str) else "xs:string"
    return [
        f'<xs:simpleType{name}><xs:restriction base="{base}">',
        *facets,
        "</xs:restriction></xs:simpleType>",
    ]


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    choices = schema.get("anyOf", [])
    left = [one for one in choices if one != {"type": "null"}]
    if len(left) == 1 and len(choices) == 2:
        return left[0], True
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds:
        others = [kind for kind in kinds if kind != "null"]
        return (schema | {"type": others[0]} if len(others) == 1 else {}), True
    return schema, False


def _is_dictionary(schema: Schema) -> bool:
    return schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict)


def _is_free(schema: Schema) -> bool:
    is_closed = schema.get("properties") and schema.get("additionalProperties") is not True
    return schema.get("type") == "object" and not is_closed and not _is_dictionary(schema)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _attribute(text: str) -> str:
    return "".join(_TO_ATTRIBUTE.get(one, one) for one in text)
