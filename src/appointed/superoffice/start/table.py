"""Every address that a client needs to start, its verbs, and what carries each out (Web API, REST).

An address more is a line more. What stands first is found first.
"""

from typing import Final

from appointed.superoffice.fields.table import FIELD_ADDRESSES
from appointed.superoffice.service import ARCHIVE, Service
from appointed.superoffice.start import choice_services as choices
from appointed.superoffice.start import list_services as lists
from appointed.superoffice.start import people_services as people
from appointed.superoffice.start import preference_services as preferences
from appointed.superoffice.start import text_services as texts
from appointed.superoffice.start import zone_services as zones

ROOT: Final = "/api/v1/"
_LISTS: Final = "flat:bool additional:string query:string"
_LANGUAGE: Final = "isoLangCode:string"
_ITEM: Final = "ListItemEntity"
_STRINGS: Final = "map<string,map<string,string>>"

ADDRESSES: Final[dict[str, dict[str, Service]]] = {
    "User/current": {"GET": Service(people.current_user, "User")},
    "User/currentAssociate": {"GET": Service(people.current_associate, "Associate")},
    "Associate": {"GET": Service(people.associates, "Associate[]")},
    "Associate/{id}": {"GET": Service(people.associate_or_404, "Associate")},
    "MDOList": {"GET": Service(lists.list_names, "string[]")},
    "MDOList/{listname}": {"GET": Service(lists.rest_items, "MDOListItem[]", query=_LISTS)},
    "MDOList/{listname}/selectable": {
        "GET": Service(lists.rest_selectable, "SelectableMDOListItem[]", query=_LISTS)
    },
    "List": {"GET": Service(lists.list_entities, "ListEntity[]")},
    "List/default": {"GET": Service(lists.default_list_entity, "ListEntity")},
    "List/{name}": {"GET": Service(lists.list_entity, "ListEntity")},
    "List/Task/Items": {"GET": Service(lists.all_tasks, "TaskListItem[]", query="includeDeleted:bool")},
    "List/Task/Items/default": {"GET": Service(lists.new_task, "TaskListItem")},
    "List/Task/Items/{id}": {"GET": Service(lists.task_or_404, "TaskListItem")},
    "List/{name}/Items": {
        "GET": Service(lists.items_of, "ListItemEntity[]", query="includeDeleted:bool"),
        "POST": Service(choices.add, _ITEM, raw=_ITEM),
    },
    "List/{name}/Items/default": {"GET": Service(lists.new_item_of, _ITEM)},
    "List/{name}/Items/{id}": {
        "GET": Service(lists.item_of, _ITEM),
        "PUT": Service(choices.save, _ITEM, raw=_ITEM),
        "DELETE": Service(choices.drop),
    },
    "List/{name}/MDOItems": {"GET": Service(lists.mdo_items_of, "MDOListItem[]", query=_LISTS)},
    "Preference": {"GET": Service(preferences.sections, "MDOListItem[]")},
    "Preference/{section}": {"GET": Service(preferences.keys, "MDOListItem[]")},
    "Preference/{section}/{key}": {
        "GET": Service(preferences.preference, "Preference"),
        "PUT": Service(preferences.set_preference, raw="Preference"),
        "POST": Service(preferences.set_preference, raw="Preference"),
    },
    "Preference/{section}/{key}/{prefLevel}": {
        "GET": Service(preferences.value_at, "string"),
        "PUT": Service(preferences.set_value_at, query="value:string"),
        "POST": Service(preferences.set_value_at, query="value:string"),
    },
    "TimeZone": {"GET": Service(zones.zones, ARCHIVE)},
    "TimeZone/base": {"GET": Service(zones.base_zone, "TimeZoneData")},
    "TimeZone/current": {"GET": Service(zones.current_zone, "TimeZoneData")},
    "String": {
        "GET": Service(texts.string_names, "string[]", query="q:string"),
        "POST": Service(texts.posted_strings, _STRINGS, query=_LANGUAGE, raw="string[]"),
    },
    "String/KnownLanguages": {"GET": Service(texts.known_languages, "string[]")},
    "String/{sr_id}": {"GET": Service(texts.strings, _STRINGS, query=_LANGUAGE)},
    "String/{sr_id}/{isoLangCode}": {"GET": Service(texts.string, "string")},
    **FIELD_ADDRESSES,
}
