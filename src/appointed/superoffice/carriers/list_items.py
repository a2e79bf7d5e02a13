"""TaskListItem and Priority: the list items an appointment refers to."""

from appointed.superoffice.carriers.shape import Field, Rendered, Shape, fixed, kept, number, text, written
from appointed.superoffice.context import Context

TASK_LIST_ITEM: Shape = (
    Field("TaskListItemId", "int32", number("id")),
    Field("Value", "string", text("value")),
    Field("Direction", "enum:TaskDirection", number("direction")),
    Field("Type", "enum:TaskType", number("type")),
    Field("Tooltip", "string", text("tooltip")),
    Field("Deleted", "bool", number("is_deleted")),
    Field("IntentId", "int32", number("intent_id")),
    Field("Rank", "int32", number("rank")),
    Field("IsDefaultAlldayEvent", "bool", number("is_default_all_day")),
    Field("IsDefaultFree", "bool", number("is_default_free")),
    Field("IsDefaultPublished", "bool", number("is_default_published")),
    Field("ColorIndex", "enum:ColorIndex", number("color_index")),
    Field("DefaultVideomeetingStatus", "enum:VideoMeetingStatus", number("default_video_status")),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)

PRIORITY: Shape = (
    Field("Id", "int32", number("id")),
    Field("Value", "string", text("value")),
    Field("Tooltip", "string", text("tooltip")),
    Field("TableRight", "TableRight", fixed(None)),
    Field("FieldProperties", "map<string,FieldProperty>", fixed({})),
)


def task(task_id: int, ctx: Context) -> Rendered | None:
    """Render one task; None when there is none with this id."""
    found = ctx.directory.tasks.get(task_id)
    return kept("task", task_id, ctx, lambda: written(TASK_LIST_ITEM, found, ctx)) if found else None


def priority(priority_id: int, ctx: Context) -> Rendered | None:
    """Render one priority; None when there is none with this id."""
    found = ctx.directory.priorities.get(priority_id)
    return kept("priority", priority_id, ctx, lambda: written(PRIORITY, found, ctx)) if found else None
