"""Every method of every agent that is served, and what carries it out (Agents WebAPI, the agents' methods).

A method more is a line more: its name, the function, what it answers, and its arguments in the query, as
members of the body, or as the body itself ("raw").
"""

from typing import Final

from appointed.superoffice.agents import archives
from appointed.superoffice.agents.appointment_table import APPOINTMENT
from appointed.superoffice.fields.agent import FIELD_METHODS
from appointed.superoffice.records.agent import RECORD_METHODS
from appointed.superoffice.service import Service
from appointed.superoffice.start import list_services as lists
from appointed.superoffice.start import people_services as people
from appointed.superoffice.start import preference_services as preferences
from appointed.superoffice.start import zone_services as zones
from appointed.superoffice.webhooks.agent import WEBHOOK_METHODS

Methods = dict[str, Service]

_LIST = "Name:string ForceFlatList:bool AdditionalInfo:string OnlyHistory:bool"
_HISTORY = f"{_LIST} HistoryItems:int32[]"
_SEARCH = "Name:string AdditionalInfo:string SearchValue:string"
_BY_NAME = "UdListDefinitionName:string"
_BY_NUMBER = "UdListDefinitionId:int32"
_CHOICES, _SELECTABLE = "MDOListItem[]", "SelectableMDOListItem[]"

_ROWS, _RESULT = "ArchiveListItem[]", "ArchiveListResult"
_CARRIERS = (
    "ProviderName:string Columns:string[] SortOrder:ArchiveOrderByInfo[] "
    "Restriction:ArchiveRestrictionInfo[] Entities:string[] Page:int32 PageSize:int32"
)
_TEXTS = (
    "ProviderName:string Columns:string SortOrder:string Restrictions:string Entities:string "
    "Page:int32 PageSize:int32"
)
_SHOWN = _CARRIERS.replace("Columns:string[] ", "GuiName:string ")
_SHOWN_TEXTS = _TEXTS.replace("Columns:string ", "GuiName:string ")
_CONTEXT, _OPTIONS = " Context:string", " Options:string"

ARCHIVE: Final[Methods] = {
    "CreateDefaultArchiveListResult": Service(archives.default_result, _RESULT),
    "GetArchiveList": Service(archives.rows, _ROWS, body=_SHOWN),
    "GetArchiveListWithContext": Service(archives.rows, _ROWS, body=_SHOWN + _CONTEXT),
    "GetArchiveListByColumns": Service(archives.rows, _ROWS, body=_CARRIERS),
    "GetArchiveListByColumnsWithContext": Service(archives.rows, _ROWS, body=_CARRIERS + _CONTEXT),
    "GetArchiveListByColumnsWithHeader": Service(archives.result, _RESULT, body=_CARRIERS + _OPTIONS),
    "GetArchiveListByColumnsWithHeaderWithContext": Service(
        archives.result, _RESULT, body=_CARRIERS + _OPTIONS + _CONTEXT
    ),
    "GetArchiveList2": Service(archives.rows_of_texts, _ROWS, body=_SHOWN_TEXTS),
    "GetArchiveListWithContext2": Service(archives.rows_of_texts, _ROWS, body=_SHOWN_TEXTS + _CONTEXT),
    "GetArchiveListByColumns2": Service(archives.rows_of_texts, _ROWS, body=_TEXTS),
    "GetArchiveListByColumnsWithContext2": Service(archives.rows_of_texts, _ROWS, body=_TEXTS + _CONTEXT),
    "GetArchiveListByColumnsWithHeader2": Service(archives.result_of_texts, _RESULT, body=_TEXTS + _OPTIONS),
    "GetArchiveListByColumnsWithHeaderWithContext2": Service(
        archives.result_of_texts, _RESULT, body=_TEXTS + _OPTIONS + _CONTEXT
    ),
    "GetProviderNames": Service(archives.names, "string[]"),
    "GetAvailableColumns": Service(
        archives.columns, "ArchiveColumnInfo[]", body="ProviderName:string Context:string"
    ),
    "GetAvailableEntities": Service(
        archives.entities, "MDOListItem[]", body="ProviderName:string Context:string"
    ),
    "GetGroupAssociateIds": Service(archives.associates_of_groups, "int32[]", body="GroupIds:int32[]"),
}

ASSOCIATE: Final[Methods] = {
    "GetAssociate": Service(people.associate, "Associate", query="AssociateId:int32"),
    "GetAssociateByPersonId": Service(people.associate_of_person, "Associate", body="PersonId:int32"),
    "GetAssociateList": Service(people.associates_by_ids, "Associate[]", raw="int32[]"),
    "GetAssociatesByGroup": Service(
        people.associates_by_group, "Associate[]", body="GroupId:int32 Type:int32"
    ),
}

LIST: Final[Methods] = {
    "CreateDefaultListEntity": Service(lists.default_list_entity, "ListEntity"),
    "CreateDefaultListItemEntity": Service(lists.default_list_item, "ListItemEntity"),
    "GetListDefinitions": Service(lists.list_entities, "ListEntity[]", body="IncludeDeleted:bool"),
    "GetListEntity": Service(lists.list_entity_by_id, "ListEntity", query="ListEntityId:int32"),
    "GetListEntityByName": Service(lists.list_entity_by_name, "ListEntity", body="Name:string"),
    "GetAllFromListName": Service(
        lists.all_by_name, "ListItemEntity[]", body=f"{_BY_NAME} IncludeDeleted:bool"
    ),
    "GetAllFromListDefinition": Service(
        lists.all_by_number, "ListItemEntity[]", body=f"{_BY_NUMBER} IncludeDeleted:bool"
    ),
    "GetFromListName": Service(lists.one_by_name, "ListItemEntity", body=f"Id:int32 {_BY_NAME}"),
    "GetFromListDefinition": Service(lists.one_by_number, "ListItemEntity", body=f"Id:int32 {_BY_NUMBER}"),
    "GetAllTasks": Service(lists.all_tasks, "TaskListItem[]", body="IncludeDeleted:bool"),
    "GetTasks": Service(lists.tasks, "SoTask[]"),
    "GetTaskList": Service(lists.tasks_by_ids, "SoTask[]", raw="int32[]"),
    "GetSoTask": Service(lists.task, "SoTask", query="SoTaskId:int32"),
    "GetPriorities": Service(lists.priorities, "Priority[]"),
    "GetPriorityList": Service(lists.priorities_by_ids, "Priority[]", raw="int32[]"),
    "GetPriority": Service(lists.priority, "Priority", query="PriorityId:int32"),
    "GetInstalledLanguages": Service(lists.languages, "LanguageInfo[]"),
    "GetLanguageInfo": Service(lists.language, "LanguageInfo", query="LanguageInfoId:int32"),
}

MDO: Final[Methods] = {
    "GetList": Service(lists.agent_items, _CHOICES, body=_LIST),
    "GetSimpleList": Service(lists.agent_items, _CHOICES, body="Name:string"),
    "GetListWithHistory": Service(lists.agent_items, _CHOICES, body=_HISTORY),
    "GetListWithRestriction": Service(lists.agent_items, _CHOICES, body=_SEARCH),
    "GetListItem": Service(lists.list_item, "MDOListItem", body="ListName:string Id:int32"),
    "GetListNames": Service(lists.list_names, "string[]"),
    "GetListIdByListName": Service(lists.list_number, "int32", body="Name:string"),
    "GetSelectableList": Service(lists.agent_selectable, _SELECTABLE, body=_LIST),
    "GetSelectableSimpleList": Service(lists.agent_selectable, _SELECTABLE, body="Name:string"),
    "GetSelectableListWithHistory": Service(lists.agent_selectable, _SELECTABLE, body=_HISTORY),
    "GetSelectableListWithRestriction": Service(lists.agent_selectable, _SELECTABLE, body=_SEARCH),
}

_PREFERENCE = "PrefSection:string PrefKey:string PrefLevel:enum:PreferenceLevel"
_SPECIFICATIONS = "Specifications:PreferenceSpec[]"

PREFERENCE: Final[Methods] = {
    "CreateDefaultPreference": Service(preferences.default_preference, "Preference"),
    "GetPreferenceByName": Service(preferences.by_name, "Preference", body=_PREFERENCE),
    "GetPreferenceByNameAndId": Service(
        preferences.by_name_and_owner, "Preference", body=f"{_PREFERENCE} OwnerId:int32"
    ),
    "GetPreferences": Service(preferences.several, "Preference[]", body=_SPECIFICATIONS),
    "GetPreferencesWithDisplayValues": Service(preferences.several, "Preference[]", body=_SPECIFICATIONS),
    "SavePreference": Service(preferences.save, body="Preference:Preference"),
    "SavePreferences": Service(preferences.save_several, body="Preferences:Preference[]"),
    "SavePreferenceEntity": Service(
        preferences.save_entity, "Preference", body="Preference:Preference RemoveLowerLevels:bool"
    ),
    "SavePreferenceEntities": Service(
        preferences.save_several, body="Preferences:Preference[] RemoveLowerLevels:bool"
    ),
    "GetAll": Service(preferences.descriptions, "PreferenceDescription[]"),
    "GetAllFromSection": Service(preferences.descriptions, "PreferenceDescription[]", body="Section:string"),
    "GetFromSectionAndKey": Service(
        preferences.description, "PreferenceDescription", body="Section:string Key:string"
    ),
    "GetXsrfValue": Service(preferences.xsrf_value, "XsrfValue"),
}

TIME_ZONE: Final[Methods] = {
    "GetBaseTimeZoneId": Service(zones.base_zone_id, "int32"),
    "GetDefaultTimeZoneInformation": Service(zones.preferred_zone, "PreferredTimeZone"),
    "GetDefaultTimeZonePreference": Service(zones.preferred_zone_id, "int32"),
    "InitializeTimeZoneData": Service(zones.all_zone_data, "TimeZoneData[]"),
    "CheckNewTimeZoneDataAvailable": Service(zones.no_news, "bool"),
}

USER: Final[Methods] = {
    "GetAccessToken": Service(people.access_token, "string", body="AppToken:string IncludeCsSession:bool"),
    "GetUser": Service(people.user, "User", query="UserId:int32"),
    "GetUserFromName": Service(people.user_by_name, "User", body="UserName:string"),
    "GetUserFromPersonId": Service(people.users_of_person, "User[]", body="PersonId:int32"),
    "GetUserInfo": Service(people.user_info, "UserInfo", query="UserInfoId:int32"),
    "GetUserInfoList": Service(people.user_infos, "UserInfo[]", raw="int32[]"),
    "GetUserGroup": Service(people.user_group, "UserGroup", query="UserGroupId:int32"),
    "GetUserGroupList": Service(people.user_groups_by_ids, "UserGroup[]", raw="int32[]"),
    "GetAllUserGroups": Service(people.user_groups, "UserGroup[]", body="IncludeDeleted:bool"),
    "GetRole": Service(people.role, "Role", query="RoleId:int32"),
    "GetAllRoles": Service(people.roles, _SELECTABLE, body="RoleType:string"),
}

AGENTS: Final[dict[str, Methods]] = {
    "Appointment": APPOINTMENT,
    "Archive": ARCHIVE,
    "Associate": ASSOCIATE,
    "List": LIST,
    "MDO": MDO,
    "Preference": PREFERENCE,
    "TimeZone": TIME_ZONE,
    "User": USER,
    "UserDefinedFieldInfo": FIELD_METHODS,
    "Webhook": WEBHOOK_METHODS,
    **RECORD_METHODS,
}
