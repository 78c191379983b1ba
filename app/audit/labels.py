"""What the record's keys are called. Rooms above add to both tables when they are imported.

from app.audit import ACTION_LABELS, FIELD_LABELS
ACTION_LABELS.update({"cases.complete": "办理环节"})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.accounts import kinds

#: action of a record row -> what an auditor reads
ACTION_LABELS: dict[str, str] = {
    "absence.ended": "结束外出",
    "absence.marked": "登记外出",
    "account.unlocked": "解除登录锁定",
    "audit.export": "导出记录",
    "audit.verify_asked": "要求核对记录",
    "audit.verified": "核对记录",
    "calendar.seeded": "装入放假安排",
    "calendar.year_uploaded": "上传放假安排",
    "calendar.year_confirmed": "确认放假安排",
    "calendar.upload_dropped": "放弃上传的放假安排",
    "calendar.year_proposed": "取得放假安排的建议",
    "calendar.run_began": "开始重算期限",
    "calendar.run_stopped": "停下重算",
    "calendar.run_resumed": "接着重算",
    "calendar.run_done": "重算完毕",
    "case.claim": "认领",
    "case.complete": "办理环节",
    "case.add_signer": "加签",
    "case.skip": "自动跳过",
    "signature.keep": "上传签名图样",
    "signature.drop": "删除签名图样",
    "signature.use": "设定签名图样是否打印",
    "case.consult": "征求意见（办后返回）",
    "case.consult_answered": "答复征求意见",
    "case.copy": "抄送",
    "case.cosign": "会签",
    "case.cosign_answered": "会签意见",
    "case.drop_signer": "减签",
    "case.end_cosign": "结束会签",
    "case.prepare": "办理，待加签",
    "case.migrate": "换到流程的另一版",
    "migration.begin": "开始迁移在办件",
    "migration.stop": "停下迁移",
    "migration.resume": "接着迁移",
    "migration.done": "迁移完毕",
    "case.limit_again": "再次提醒逾期的环节",
    "case.limit_escalate": "逾期的环节报负责人",
    "case.limit_reassign": "逾期的环节转交",
    "case.limit_late": "提醒环节已逾期",
    "case.limit_remind": "提醒环节将到期",
    "case.return": "退回",
    "case.straight": "改好后直达",
    "case.withdraw": "取回",
    "case.suspend": "挂起",
    "case.resume": "恢复办理",
    "case.terminate": "终止办理",
    "case.put_back": "放回",
    "case.hand_over": "交接",
    "case.rebuild": "重建办件",
    "case.redirect": "改送待办",
    "case.recall": "收回征求意见",
    "case.reveal": "查看个人信息",
    "case.sign_answered": "加签意见",
    "case.start": "发起办件",
    "case.timer": "到时处理",
    "case.transfer": "转交他人",
    "case.urge": "催办",
    "deputy.appointed": "指定代理",
    "deputy.ended": "结束代理",
    "document.download": "下载附件",
    "handover.made": "办理交接",
    "installation.founded": "初始化系统",
    "notices.chosen": "修改提醒方式",
    "notices.retried": "重新发送提醒",
    "notices.webhook_changed": "修改消息网关",
    "number.entered": "补录文号",
    "number.reserved": "占用文号",
    "number.used": "使用文号",
    "number.void": "作废文号",
    "officer.appointed": "指定三员",
    "organ.added": "设立机关",
    "organ.changed": "修改机关",
    "password.changed": "修改密码",
    "password.reset": "重置密码",
    "people.imported": "导入人员",
    "people.list_uploaded": "上传人员名单",
    "person.activated": "恢复账号",
    "person.added": "增加人员",
    "person.changed": "修改人员",
    "person.deactivated": "停用账号",
    "post.added": "设岗",
    "post.changed": "修改岗位",
    "post.ended": "收回岗位",
    "post.granted": "授予岗位",
    "process.activate": "启用流程",
    "process.version": "导入流程版本",
    "publication.close": "公开任务销号",
    "publication.recalculate": "重算公开期限",
    "publication.reopen": "重开公开任务",
    "register.drop": "放弃导入发文登记簿",
    "register.import": "导入发文登记簿",
    "register.upload": "上传发文登记簿",
    "sign_in": "登录",
    "sign_in.ended": "结束另一处登录",
    "sign_in.refused": "登录未成功",
    "sign_out": "退出",
    "unit.added": "设立科室",
    "unit.changed": "修改科室",
}

#: actions that also stand inside the record of a larger act (a step that issued a letter), under `acts` of its body
PARTS: set[str] = {"number.used", "number.void", "case.straight"}

#: key inside a record's body -> what an auditor reads
FIELD_LABELS: dict[str, str] = {
    "active": "在用",
    "answers": "填报内容",
    "begins": "起",
    "code": "代码",
    "count": "数量",
    "days": "天数",
    "doc_prefix": "发文字号前缀",
    "email": "邮箱",
    "ends": "止",
    "file": "文件",
    "file_name": "文件名",
    "hash": "校验值",
    "organ": "机关编号",
    "item_id": "待办编号",
    "kind": "类型",
    "level": "层级",
    "login": "登录名",
    "moved": "有变化",
    "name": "名称",
    "nature": "账号性质",
    "new": "新值",
    "number": "编号",
    "old": "原值",
    "opinion": "意见",
    "organ_id": "机关编号",
    "person": "人员",
    "person_id": "人员编号",
    "phone": "电话",
    "post": "岗位",
    "post_id": "岗位编号",
    "problems": "问题数",
    "reason": "原因",
    "role": "三员",
    "rows": "行数",
    "run": "重算编号",
    "seals": "封存数",
    "settings": "设置",
    "short_name": "简称",
    "sm3": "校验值",
    "source": "依据",
    "step": "环节",
    "title": "标题",
    "unit": "科室",
    "unit_id": "科室编号",
    "url": "网址",
    "version": "版本",
    "year": "年度",
    "inserted": "视为办过的环节",
    "remarks": "其他变化",
    "renamed": "改名的环节",
    "result": "结果",
}

#: values that are keys -> what an auditor reads
VALUE_LABELS: dict[str, str] = {
    **{key: label for key, (label, _) in kinds.POST_KINDS.items()},
    **kinds.OFFICERS,
    **kinds.ORGAN_KINDS,
    **kinds.NATURES,
    "demo": "演示",
}

RESULTS = {"ok": "已办成", "refused": "未获准", "failed": "未办成"}


def action_label(action: str) -> str:
    """The Chinese name of an action; an unknown one is still told apart."""
    return ACTION_LABELS.get(action) or f"其他（{action}）"


def result_label(result: str) -> str:
    """The Chinese name of a result."""
    return RESULTS.get(result, result)


def field_label(name: str) -> str:
    """The Chinese name of a key of the body, or the key itself."""
    return FIELD_LABELS.get(name, name)


def value_text(value: Any) -> str:
    """A value of the body as one line a person reads."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return "；".join(f"{field_label(str(key))}：{value_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "、".join(value_text(item) for item in value)
    return VALUE_LABELS.get(str(value), str(value))


def changes(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Old and new side by side: (label, old, new) for every key of `old` and `new` that differs."""
    old, new = body.get("old"), body.get("new")
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        if old is None and new is None:
            return []
        old = old if isinstance(old, Mapping) else {"": old} if old is not None else {}
        new = new if isinstance(new, Mapping) else {"": new} if new is not None else {}
    names = [*old, *(name for name in new if name not in old)]
    return [
        (field_label(str(name)) if name else "内容", value_text(old.get(name)), value_text(new.get(name)))
        for name in names
        if old.get(name) != new.get(name)
    ]


def particulars(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything else in the body: (label, value); the acts it is made of come last, each under its own name."""
    own = [(field_label(k), value_text(v)) for k, v in body.items() if k not in ("old", "new", "acts")]
    acts = body.get("acts")
    return own + [_part(act) for act in (acts if isinstance(acts, list) else [])]


def _part(act: Any) -> tuple[str, str]:
    """One of the acts that a record is made of."""
    if not isinstance(act, Mapping):
        return "其他", value_text(act)
    rest = {key: value for key, value in act.items() if key not in ("action", "summary")}
    return action_label(str(act.get("action"))), f"{value_text(act.get('summary'))}（{value_text(rest)}）"
