"""What the record's entries of this room are called."""

from app.audit import ACTION_LABELS, FIELD_LABELS

ACTION_LABELS.update(
    {
        "incoming.take": "登记来件",
        "incoming.determine": "来件定性",
        "request.bounced": "登记退件",
        "request.consult_delivered": "登记征求意见书送达",
        "request.consult_opinion": "登记意见",
        "request.consult_plan": "拟征求意见",
        "request.consult_unreached": "登记征求意见无法送达",
        "request.consult_unplan": "不再征求意见",
        "request.decide": "修改处理意见",
        "request.delivery": "再次送达",
        "request.extension_ask": "报请延期答复",
        "request.extension_decide": "批准延期答复",
        "request.fix_ask": "报请答复更正申请",
        "request.fix_decide": "批准更正答复",
        "request.fix_send": "送达更正答复",
        "request.inform": "告知第三方决定公开",
        "request.inside": "制作会商纪要、协查函",
        "request.settings": "修改依申请公开设置",
        "request.signed": "登记签收",
        "request.split": "拆分为另一件申请",
        "request.suggest": "登记转主动公开建议",
        "request.suggestion_told": "告知主动公开建议审核意见",
        "request.unmask": "查看申请人号码",
        "request.urge": "催办科室",
        "request.withdraw": "登记撤回",
        "request.withdrawn_online": "申请人网上撤回申请",
    }
)
FIELD_LABELS.update(
    {
        "incoming": "来件",
        "request": "申请",
        "consultation": "征求意见",
        "delivery": "送达",
        "extension": "延期",
        "handoff": "转办",
        "suggestion": "建议",
        "fix": "更正",
        "finding": "审核结果",
        "include": "转主动公开",
        "reasonable": "理由成立",
        "old_due": "原答复期限",
        "new_due": "现答复期限",
        "split_reason": "拆分理由",
        "foi_road": "答复审签表",
        "law": "期限设置",
        "foi_number": "登记号规则",
        "reply_numbers": "文号由谁编",
        "sent_on": "送出日期",
        "signed_on": "签收日期",
        "mail_no": "邮件号",
        "method": "方式",
        "days": "天数",
        "on": "日期",
    }
)
