"""The three dictionaries: encodings out, plain and encoded values in, and the x_ fields under their rules."""

from datetime import date
from uuid import UUID

import pytest
from msgspec.structs import replace

from appointed.domain.directory import CustomField, CustomFieldType, Directory, ListItem
from appointed.domain.errors import PathNotFound, ReadOnlyMember, UrlNotAllowed
from appointed.domain.meeting import Bandwidth
from appointed.domain.status import Status
from appointed.superoffice.carriers.encoded import WRITERS, decode, defaults, held, item_of
from appointed.superoffice.carriers.extra import EXTRAS, SWITCHES
from appointed.superoffice.render import entity_tree
from appointed.superoffice.texts import Language
from appointed.usecases.demo_data import TENANT
from tests.superoffice.editing import new, patch, problems, put, replaced
from tests.superoffice.rows import CLAIMANT, DEMO_EYES, Seen, full, video


def shown(row, member="CustomFields", seen=DEMO_EYES):
    return entity_tree(row, seen.of(row))[member]


class TestEncodings:
    @pytest.mark.clause("SO-CARRIER-009")
    def test_unset_ones(self):
        row = full(custom_fields={})
        assert shown(row, "UserDefinedFields") == {
            "SuperOffice:1": "",
            "SuperOffice:2": "[I:0]",
            "SuperOffice:3": "[D:01/01/0001 00:00:00.0000000]",
            "SuperOffice:4": "False",
            "SuperOffice:4:DisplayText": "[SR_NO]",
            "SuperOffice:5": "[I:0]",
            "SuperOffice:5:DisplayText": "",
            "SuperOffice:5:DisplayTooltip": "",
            "SuperOffice:6": "",
            "SuperOffice:7": "[D:01/01/0001 00:00:00.0000000]",
            "SuperOffice:8": "[F:0]",
            "my:list": "[I:0]",
            "my:list:DisplayText": "",
            "my:list:DisplayTooltip": "",
        }
        current = shown(row)
        assert current["SuperOffice:2"] == current["SuperOffice:2:org"] == "[I:0]"
        assert current["SuperOffice:3"] == "[DT:01/01/0001 00:00:00.0000000]"
        assert current["SuperOffice:4"] == current["SuperOffice:4:org"] == "[I:0]"
        assert current["SuperOffice:4:DisplayText"] == "[SR_NO]"
        assert current["SuperOffice:8:org"] == "[F:0]"

    @pytest.mark.clause("SO-CARRIER-009")
    def test_set_ones(self):
        old, current = shown(full(), "UserDefinedFields"), shown(full())
        assert old["SuperOffice:1"] == current["SuperOffice:1"] == "Note"
        assert old["SuperOffice:2"] == "[I:5]"
        assert old["SuperOffice:3"] == "[D:03/05/2026 00:00:00.0000000]"
        assert current["SuperOffice:3:org"] == "[DT:03/05/2026 00:00:00.0000000]"
        assert (old["SuperOffice:4"], current["SuperOffice:4"]) == ("True", "[I:1]")
        assert current["SuperOffice:4:DisplayText"] == "[SR_YES]"
        assert (current["SuperOffice:5"], current["SuperOffice:5:DisplayText"]) == ("[I:2]", "Phone")
        assert current["SuperOffice:8"] == "[F:1.5]"
        assert current["my:list:DisplayTooltip"] == "fine"

    def test_texts_in_the_callers_language(self):
        current = shown(full(), seen=Seen(language=Language(("no",))))
        assert current["SuperOffice:4:DisplayText"] == "Ja"
        assert current["my:list:DisplayText"] == "God"

    @pytest.mark.parametrize(("value", "text"), [(1e300, "[F:1e+300]"), (3.0, "[F:3]"), (-0.25, "[F:-0.25]")])
    def test_decimals_are_written_so_that_they_are_read_again(self, value, text):
        row = full(custom_fields={"SuperOffice:8": value})
        assert shown(row)["SuperOffice:8"] == text
        assert replaced("CustomFields/SuperOffice:8", text, full()).custom_fields["SuperOffice:8"] == value


# (key, value given, value kept)
READ = [
    ("SuperOffice:1", "Testing", "Testing"),
    ("SuperOffice:1", "[I:5]", "[I:5]"),
    ("SuperOffice:1", 42, "42"),
    ("SuperOffice:1", "", None),
    ("SuperOffice:2", "42", 42),
    ("SuperOffice:2", 42, 42),
    ("SuperOffice:2", 42.0, 42),
    ("SuperOffice:2", "[I:-7]", -7),
    ("SuperOffice:2", "[I:0]", None),
    ("SuperOffice:2", "", None),
    ("SuperOffice:2", None, None),
    ("SuperOffice:3", "2026-04-01", "2026-04-01"),
    ("SuperOffice:3", "2026-04-01T10:00:00Z", "2026-04-01"),
    ("SuperOffice:3", "[D:04/01/2026 00:00:00.0000000]", "2026-04-01"),
    ("SuperOffice:3", "[DT:04/01/2026 13:14:15.0000000]", "2026-04-01"),
    ("SuperOffice:3", "[D:01/01/0001 00:00:00.0000000]", None),
    ("SuperOffice:3", "", None),
    ("SuperOffice:4", False, None),
    ("SuperOffice:4", "true", True),
    ("SuperOffice:4", "[I:1]", True),
    ("SuperOffice:4", 1, True),
    ("SuperOffice:4", "False", None),
    ("SuperOffice:5", 3, 3),
    ("SuperOffice:5", "[I:3]", 3),
    ("SuperOffice:5", "Video", 3),
    ("SuperOffice:5", "0", None),
    ("SuperOffice:8", 2.25, 2.25),
    ("SuperOffice:8", "2.25", 2.25),
    ("SuperOffice:8", "[F:2.25]", 2.25),
    ("SuperOffice:8", 2, 2.0),
    ("SuperOffice:8", " ", None),
]


@pytest.mark.parametrize(("key", "given", "kept"), READ)
@pytest.mark.parametrize("member", ["CustomFields", "UserDefinedFields"])
@pytest.mark.clause("SO-CARRIER-010")
def test_a_value_is_read(member, key, given, kept):
    after = replaced(f"{member}/{key}", given).custom_fields
    assert after.get(key) == kept
    assert type(after.get(key)) is type(kept)
    others = {name: value for name, value in full().custom_fields.items() if name != key}
    assert {name: value for name, value in after.items() if name != key} == others


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("SuperOffice:1", "x" * 100, "short_text"),
        ("SuperOffice:6", "x" * 41, "long_text"),
        ("SuperOffice:1", {}, "short_text"),
        ("SuperOffice:2", "five", "number"),
        ("SuperOffice:2", 1.5, "number"),
        ("SuperOffice:2", 2**31, "number"),
        ("SuperOffice:3", "2026-02-30", "date"),
        ("SuperOffice:3", 5, "date"),
        ("SuperOffice:3", "soon", "date"),
        ("SuperOffice:4", "perhaps", "checkbox"),
        ("SuperOffice:5", 99, "list"),
        ("SuperOffice:5", "Pigeon", "list"),
        ("SuperOffice:7", "13/13/2026", "unlimited_date"),
        ("SuperOffice:8", "1,5", "decimal"),
        ("SuperOffice:8", "1e999", "decimal"),
    ],
)
def test_a_wrong_value_is_a_problem(key, value, rule):
    body = [{"op": "replace", "path": f"CustomFields/{key}", "value": value}]
    assert problems(body) == {f"CustomFields.{key}": rule}


class TestDictionaries:
    def test_a_subset_leaves_the_rest(self):
        body = [{"op": "replace", "path": "CustomFields", "value": {"superoffice:1": "Testing"}}]
        after = patch(body).appointment
        assert after == full(custom_fields=full().custom_fields | {"SuperOffice:1": "Testing"})

    def test_put_leaves_the_rest_too(self):
        body = {"StartDate": "2026-03-03T10:00:00", "EndDate": "2026-03-03T11:00:00"}
        after = put(body | {"CustomFields": {"SuperOffice:1": "Testing"}}).appointment
        assert after.custom_fields == full().custom_fields | {"SuperOffice:1": "Testing"}
        assert after.extra_fields == full().extra_fields

    def test_removing_a_key_clears_it(self):
        after = patch([{"op": "remove", "path": "CustomFields/SuperOffice:2"}]).appointment
        assert "SuperOffice:2" not in after.custom_fields
        assert shown(after)["SuperOffice:2"] == "[I:0]"

    def test_null_in_a_merge_clears_it(self):
        assert (
            "SuperOffice:2" not in patch({"CustomFields": {"SuperOffice:2": None}}).appointment.custom_fields
        )

    def test_nobody_clears_all_at_once(self):
        edited = patch([{"op": "remove", "path": "CustomFields"}])
        assert edited.appointment == full()
        assert edited.ignored == ("CustomFields",)

    def test_companions_are_ignored_and_named(self):
        edited = patch({"CustomFields": {"SuperOffice:5:DisplayText": "Other", "SuperOffice:1:org": "x"}})
        assert edited.appointment == full()
        assert edited.ignored == ("CustomFields.SuperOffice:1:org", "CustomFields.SuperOffice:5:DisplayText")

    def test_unknown_keys_of_a_merge_are_ignored_and_named(self):
        edited = patch({"CustomFields": {"SuperOffice:99": "x", "odd\r\nkey:org": "x"}})
        assert (edited.appointment, edited.ignored) == (full(), ("CustomFields.SuperOffice:99",))

    @pytest.mark.parametrize(
        "path", ["CustomFields/SuperOffice:99", "/ExtraFields/unknown", "customfields/__proto__"]
    )
    def test_unknown_keys_of_a_json_patch_are_not_found(self, path):
        with pytest.raises(PathNotFound) as error:
            patch(
                [{"op": "replace", "path": "Title", "value": "x"}, {"op": "add", "path": path, "value": "x"}]
            )
        assert (error.value.index, error.value.path) == (1, path)


class TestExtraFields:
    @pytest.mark.parametrize("member", ["ExtraFields", "CustomFields"])
    def test_they_are_plain_texts(self, member):
        after = replaced(f"{member}/x_foobar", "new")
        assert after.extra_fields == {"x_foobar": "new"}
        assert shown(after, "ExtraFields") == {"x_foobar": "new"}
        assert shown(after)["x_foobar:org"] == "new"

    def test_new_ones_can_be_added(self):
        assert replaced("ExtraFields/x_sale", 5).extra_fields == {"x_foobar": "baz", "x_sale": "5"}

    def test_case_of_a_known_key_does_not_matter(self):
        assert replaced("ExtraFields/X_FooBar", "new").extra_fields == {"x_foobar": "new"}

    @pytest.mark.parametrize(
        "body",
        [[{"op": "add", "path": "/customfields/X_Sale", "value": "5"}], {"ExtraFields": {"X_Sale": "5"}}],
        ids=["operation", "merge"],
    )
    def test_case_of_the_prefix_does_not_matter_for_a_new_one(self, body):
        assert patch(body).appointment.extra_fields == {"x_foobar": "baz", "x_Sale": "5"}

    def test_removing_one(self):
        assert patch([{"op": "remove", "path": "ExtraFields/x_foobar"}]).appointment.extra_fields == {}

    @pytest.mark.parametrize("value", ["x" * 4001, {}, [1]])
    def test_what_is_no_text_or_too_long_is_a_problem(self, value):
        body = [{"op": "replace", "path": "ExtraFields/x_foobar", "value": value}]
        assert problems(body) == {"ExtraFields.x_foobar": "string"}

    def test_their_number_is_bounded(self):
        row = full(extra_fields={f"x_{number}": "x" for number in range(100)})
        assert problems({"ExtraFields": {"x_more": "x"}}, row) == {"ExtraFields.x_more": "string"}
        assert replaced("ExtraFields/x_5", "y", row).extra_fields["x_5"] == "y"

    def test_the_contracts_own_names_never_become_texts(self):
        edited = patch({"ExtraFields": {"x_status": "waiting"}})
        assert edited.appointment == full(status=Status.WAITING)


class TestOwnFields:
    def test_all_are_there(self):
        found = shown(video())
        assert [name for name in found if name.startswith("x_")][: len(EXTRAS)] == [
            one.name for one in EXTRAS
        ]
        assert found["x_uid"] == "11111111-2222-4333-8444-555555555555"
        assert found["x_reference"] == "REF63"
        assert found["x_department"] == "1"
        assert found["x_department:DisplayText"] == "Demo department"
        assert found["x_claimant_name"] == "Jane Roe"
        assert found["x_claimant_date_of_birth"] == "1985-05-05"
        assert found["x_features_messages_chat_enable"] == "True"
        assert found["x_features_bandwidth"] == "high"
        assert found["x_use_custom_post_call_redirect"] == "False"
        assert len(SWITCHES) == 9

    def test_without_a_claimant_its_fields_are_empty(self):
        assert shown(full())["x_claimant_email"] == ""

    @pytest.mark.parametrize(
        ("key", "value", "expected"),
        [
            ("x_claimant_name", "  Joan Doe ", {"name": "Joan Doe"}),
            ("x_claimant_email", "joan@else.example", {"email": "joan@else.example"}),
            ("x_claimant_email", "", {"email": None}),
            ("x_claimant_phone_number", None, {"phone_number": None}),
            ("x_claimant_phone_number", 1234567890, {"phone_number": "1234567890"}),
            ("x_claimant_date_of_birth", "1990-01-01", {"born_on": date(1990, 1, 1)}),
            ("x_claimant_date_of_birth", "", {"born_on": None}),
        ],
    )
    def test_the_claimant_can_be_changed(self, key, value, expected):
        after = patch({"CustomFields": {key: value}}, video()).appointment
        assert after == video(claimant=replace(CLAIMANT, **expected))

    def test_a_row_gets_a_claimant_with_a_name(self):
        after = patch(
            {"CustomFields": {"x_claimant_name": "Jane", "x_claimant_email": "j@x.example"}}
        ).appointment
        assert (after.claimant.name, after.claimant.email) == ("Jane", "j@x.example")
        again = patch(
            {"CustomFields": {"x_claimant_name": "Jane", "x_claimant_email": "j@x.example"}}
        ).appointment
        assert again.claimant.id == after.claimant.id != UUID(int=0), "an edit may run twice"
        other = patch({"CustomFields": {"x_claimant_name": "Jane"}}, full(uid=UUID(int=77))).appointment
        assert other.claimant.id != after.claimant.id
        assert new({"CustomFields": {"x_claimant_name": "Jane"}}).appointment.claimant.name == "Jane"

    def test_a_claimant_keeps_what_is_not_named(self):
        after = patch({"CustomFields": {"x_claimant_email": "new@x.example"}}, video()).appointment
        assert after == video(claimant=replace(CLAIMANT, email="new@x.example"))

    def test_and_none_without(self):
        assert problems({"CustomFields": {"x_claimant_email": "j@x.example"}}) == {
            "CustomFields.x_claimant_name": "required"
        }

    def test_clearing_what_is_not_there_makes_no_claimant(self):
        body = {
            "CustomFields": {"x_claimant_name": "", "x_claimant_email": None, "x_claimant_phone_number": ""}
        }
        assert patch(body).appointment == full()

    @pytest.mark.parametrize(
        ("key", "value", "rule"),
        [
            ("x_claimant_name", None, "required"),
            ("x_claimant_name", "", "required"),
            ("x_claimant_name", {}, "string"),
            ("x_claimant_name", "x" * 256, "string"),
            ("x_claimant_email", "nobody", "email"),
            ("x_claimant_email", "a b@c.example", "email"),
            ("x_claimant_email", 5, "email"),
            ("x_claimant_phone_number", True, "string"),
            ("x_claimant_date_of_birth", "1990-02-30", "date"),
            ("x_claimant_date_of_birth", 1990, "date"),
            ("x_status", "lost", "enum"),
            ("x_status", 5, "enum"),
            ("x_department", 99, "exists"),
            ("x_department", "Nowhere", "exists"),
            ("x_features_bandwidth", "huge", "enum"),
            ("x_features_messages_chat_enable", None, "required"),
            ("x_features_messages_chat_enable", "perhaps", "boolean"),
            ("x_use_custom_post_call_redirect", "", "required"),
            ("x_use_custom_post_call_redirect", 7, "boolean"),
        ],
    )
    def test_wrong_values_are_problems(self, key, value, rule):
        assert problems({"CustomFields": {key: value}}, video()) == {f"CustomFields.{key}": rule}

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "http://a.example", "https://user@a.example", "//a", 5]
    )
    def test_redirects_lead_to_public_addresses_only(self, url):
        with pytest.raises(UrlNotAllowed):
            patch({"CustomFields": {"x_custom_user_post_call_redirect_url": url}})

    def test_redirects_are_kept_and_cleared(self):
        body = {
            "x_custom_user_post_call_redirect_url": "https://a.example/x",
            "x_custom_agent_post_call_redirect_url": "https://b.example/y",
            "x_use_custom_post_call_redirect": "true",
        }
        after = patch({"CustomFields": body}).appointment
        assert after.redirects.claimant_url == "https://a.example/x"
        assert after.redirects.agent_url == "https://b.example/y"
        assert after.redirects.is_custom
        cleared = patch({"CustomFields": dict.fromkeys(list(body)[:2], "")}, after).appointment
        assert cleared.redirects.claimant_url is cleared.redirects.agent_url is None

    @pytest.mark.parametrize("value", [False, "false", 0, "[I:0]", "False", "off"])
    def test_switches_are_read_in_every_spelling(self, value):
        after = replaced("CustomFields/x_features_messages_chat_enable", value)
        assert after.features == replace(full().features, messages_chat=False)

    def test_bandwidth(self):
        assert replaced("CustomFields/x_features_bandwidth", "LOW").features.bandwidth is Bandwidth.LOW
        assert replaced("CustomFields/x_features_bandwidth", None) == full()

    def test_status(self):
        assert replaced("CustomFields/x_status", "No_Show").status is Status.NO_SHOW
        assert replaced("CustomFields/x_status", "") == full()

    @pytest.mark.parametrize("value", [2, "2", "0d000000-0000-4000-8000-000000000002", "second department"])
    def test_a_department_takes_a_foreign_owner_along(self, value):
        after = replaced("CustomFields/x_department", value)
        assert (after.department_id, after.owner_id) == (2, 2)

    def test_the_same_department_moves_nobody(self):
        row = full(owner_id=2)
        assert replaced("CustomFields/x_department", 1, row) == row
        assert replaced("CustomFields/x_department", None, row) == row

    @pytest.mark.parametrize("key", ["x_uid", "x_reference"])
    def test_fixed_ones_are_refused_by_json_patch(self, key):
        with pytest.raises(ReadOnlyMember) as error:
            replaced(f"CustomFields/{key}", "other")
        assert (error.value.index, error.value.path) == (0, f"CustomFields/{key}")
        with pytest.raises(ReadOnlyMember):
            patch([{"op": "replace", "path": "/CustomFields", "value": {key.upper(): "other"}}])

    @pytest.mark.parametrize("key", ["x_uid", "x_reference"])
    def test_and_ignored_and_named_otherwise(self, key):
        edited = patch({"customFields": {key: "other"}})
        assert (edited.appointment, edited.ignored) == (full(), (f"CustomFields.{key}",))

    def test_the_same_value_is_no_change(self):
        assert replaced("CustomFields/x_reference", "REF63") == full()


# (type, value that is kept, whether it is one of the type)
KEPT = [
    (CustomFieldType.NUMBER, 5, True),
    (CustomFieldType.NUMBER, True, False),
    (CustomFieldType.NUMBER, "5", False),
    (CustomFieldType.DECIMAL, 5, True),
    (CustomFieldType.DECIMAL, 2.5, True),
    (CustomFieldType.LIST, "5", False),
    (CustomFieldType.CHECKBOX, True, True),
    (CustomFieldType.CHECKBOX, 1, False),
    (CustomFieldType.SHORT_TEXT, "5", True),
    (CustomFieldType.LONG_TEXT, 5, False),
    (CustomFieldType.DATE, "2026-03-05", True),
    (CustomFieldType.DATE, "tomorrow", False),
    (CustomFieldType.UNLIMITED_DATE, 5, False),
    (CustomFieldType.DATE, None, False),
]


@pytest.mark.parametrize(("kind", "value", "is_held"), KEPT)
def test_what_is_kept_under_another_type_counts_as_nothing(kind, value, is_held):
    field = CustomField(id=1, prog_id="my:field", label="Mine", type=kind)
    assert held(field, value) == (value if is_held else None)
    for write in WRITERS[kind]:
        assert isinstance(write(held(field, value)), str)


def test_defaults_are_values_and_one_that_fits_no_more_is_left_out():
    fields = (
        CustomField(id=1, prog_id="a", label="A", type=CustomFieldType.NUMBER, default="5"),
        CustomField(id=2, prog_id="b", label="B", type=CustomFieldType.NUMBER, default="five"),
        CustomField(id=3, prog_id="c", label="C", type=CustomFieldType.CHECKBOX, default="True"),
        CustomField(id=4, prog_id="d", label="D", type=CustomFieldType.DATE),
        CustomField(id=5, prog_id="e", label="E", type=CustomFieldType.SHORT_TEXT, default="x", is_new=True),
    )
    known = Directory(TENANT, 1, {"custom_field": {one.id: one for one in fields}})
    assert defaults(known) == {"a": 5, "c": True}


def test_an_item_that_is_deleted_is_shown_and_not_chosen():
    items = (ListItem(1, "One"), ListItem(2, "Two", is_deleted=True))
    field = CustomField(id=1, prog_id="my:field", label="Mine", type=CustomFieldType.LIST, items=items)
    assert item_of(field, 2) == items[1]
    assert decode(field, "One") == decode(field, 1) == 1
    for value in (2, "Two"):
        with pytest.raises(ValueError):  # noqa: PT011 # the value itself is the message
            decode(field, value)
