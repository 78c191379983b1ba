"""letters: 文书 L2 … L25 as PDF/A and Word, their texts and the printed papers. Promises to higher rooms:

service      draft, refill, edit, approve, take_number, issue, supersede, void: functions that take a `Tx`
checking     missing(letter, facts): what keeps a letter from being signed, in sentences
queries      open_letter, newest, of_case, digest_of
panel        panel(session, actor, case_id): rows for a page of the case
rendering    preview_pdf, preview_word, pages: what the letter looks like now
printing     printed papers (登记表, 呈批单, 信封, 送达回证, 卷内目录, 申请表) as PDF bytes
composing    ORGAN_FIELDS: what an organ sets once for its letters, in `organ.settings["letters"]`
hooks        may_see_case, may_edit, case_link, approval_void: filled by the room that knows cases
"""

from app.letters.views import room

__all__ = ["room"]
