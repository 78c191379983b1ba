"""What people call the items of package.toml and the facts of a start: pages, faults and differences say the same."""

from __future__ import annotations

from collections.abc import Mapping

#: items of package.toml as the settings page calls them
WORDS: Mapping[str, str] = {
    "format": "格式", "key": "编号", "name": "流程名称", "summary": "说明", "owner": "主管", "startable": "可以由人发起",
    "start_posts": "谁可以发起", "document": "办的是公文", "title": "办件标题", "title_without": "缺项时的标题",
    "number": "办件编号", "calls": "调用的流程", "given": "调用它的流程给出的内容", "legal_basis": "依据",
    "facts": "发起时由系统给出的事实", "lanes": "泳道和岗位", "print": "打印件",
}  # fmt: skip

#: where a fact of the start comes from -> what it is; `request.` ones are given by the room that begins the case
FACT_SOURCES = {
    "initiator.is_unit_head": "boolean",
    "initiator.organ": "text",
    "organ.code": "text",
    "organ.kind": "text",
    "organ.secrecy_levels": "integer",
    "request.confirmed": "boolean",
}
FACT_LABELS: Mapping[str, str] = {
    "initiator.is_unit_head": "发起人是科室负责人",
    "initiator.organ": "发起人的机关",
    "organ.code": "机关代码",
    "organ.kind": "机关类别",
    "organ.secrecy_levels": "保密审查级数",
    "request.confirmed": "申请已确认",
}
