"""The closed lists of the room and their words on screen (glossary.md B; 30号 for the six kinds of applicants)."""

from __future__ import annotations

from workflows.law.service import Method, Reached, Return

#: the process every request runs on; a 代理 may be limited to it
PROCESS = "foi_request"

#: 申请人类型: the six columns of table three of the annual report (国办公开办函〔2021〕30号)
APPLICANTS = {
    "person": "自然人",
    "company": "商业企业",
    "research": "科研机构",
    "charity": "社会公益组织",
    "legal": "法律服务机构",
    "other": "其他",
}
#: 来件 (domain.md 12.2)
INCOMING = {
    "undetermined": "尚未定性",
    "request": "申请",
    "question": "咨询",
    "petition": "信访投诉举报",
    "hotline": "12345转来",
    "appeal": "复议应诉材料",
    "supplement": "补正、缴费等办件材料",
    "own_record": "本人信息更正",
    "other": "其他",
}
#: how it arrived (条例31, 207号); the key is what `workflows.law.clock.receipt_day` knows
CHANNELS = {
    "counter": "当面提交",
    "registered": "邮政EMS、挂号（签收）",
    "ordinary": "平常信函",
    "online": "互联网平台",
    "email": "电子邮箱",
    "fax": "传真",
}
#: arrival alone starts nothing: the day both sides confirmed does (条例31(二)(三))
CONFIRMED_CHANNELS = frozenset({"ordinary", "online", "email", "fax"})
IDENTITIES = {
    "id_card": "居民身份证",
    "passport": "护照",
    "hkmt": "港澳台居民证件",
    "licence": "统一社会信用代码证照",
    "other": "其他证明",
}
SUPPLY = {"paper": "纸质", "electronic": "电子数据", "inspect": "查阅、抄录", "any": "不限"}
DELIVERY = {"post": "邮寄", "electronic": "网上、电子邮箱", "collect": "当面领取"}
METHODS = {each.value: each.label for each in Method}
BOUNCES = {each.value: each.label for each in Return}
CONSULTED = {"third": "第三方", "joint": "共同制作机关", "other": "其他机关"}
OPINIONS = {"agree": "同意公开", "disagree": "不同意公开", "none": "逾期未提出意见", "unreached": "无法送达"}
#: opinions in which nothing came: the clock has the day the office stopped waiting
SILENT = ("none", "unreached")
REACHED = {each.value: each.label for each in Reached}
#: the six milestones a citizen reads
STATES = {
    "unconfirmed": "待确认",
    "open": "办理中",
    "answered": "已答复",
    "closed": "办结",
    "dropped": "不按申请办理",
}
FOUND = {
    "found": "有",
    "none": "经检索没有",
    "not_ours": "不属于本机关负责公开",
    "needs_making": "需要加工、分析",
}
#: what the organ found of a wish to correct one's own record: the four answers of 条例41
FINDINGS = {
    "fixed": "属实，予以更正",
    "kept": "不属实，不予更正",
    "moved": "不属于本机关职能，转送有权更正的机关",
    "told": "不属于本机关职能，告知向有权更正的机关提出",
}
