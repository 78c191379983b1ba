"""letters: 文书 L2 … L25 as PDF/A and Word, their texts and the printed papers. Promises to higher rooms:

service      draft, refill, edit, approve, reopen, take_number, issue, supersede, void: functions that take a `Tx`;
             each has a command of the same name + `_command` where a page needs it
checking     missing(letter, facts): what keeps a letter from being signed, in sentences
queries      open_letter, newest, digest_of, of_case
panel        panel(session, actor, case_id): rows for a page of the case
rendering    preview_pdf, preview_word, pages: what the letter looks like now
printing     registration_sheet, approval_sheet, envelope, service_receipt, file_contents, application_form: PDF bytes
hooks        may_see_case, may_edit, case_links: filled by the room that knows cases
"""
