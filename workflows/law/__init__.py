"""The law in code: standard library only, and the clause stands beside every number.

What other rooms use, module by module (each says more in its own first lines):

    calendar       Calendar (add_workdays, add_days, add_months, reach, with_regional, days_left), Due, Left
    receipt        receipt_day(channel, arrived_on, …) -> Receipt; Channel; confirm_by
    events         CorrectionIssued … Replied, ConsultationKind; from_json, to_json
    clock          compute(received_on, events, calendar, settings, as_of) -> Clock; State, OUTCOMES;
                   next_threshold(clock, after), thresholds(clock)
    derivation     Entry: what `clock.derivation()` is made of
    cautions       Caution (code, text, article)
    settings       LawSettings, DESCRIBED (with 【未核实】/【推定】), from_values
    periods        PERIODS, DUTIES (Period.end), appeal, fee_payment_due, suggested_correction_deadline
    fees           by_items, nth_item, charge, by_pages -> Fee (yuan, lines)
    grounds        GROUNDS, Attribute, Conclusion
    replies        REPLIES (R1 … R16, R3p), reply, choices, report_row, check_grounds, remedy, signer, problems,
                   mixed(outcomes, principal) -> Mixed
    letters        LETTERS (L1 … L25), Remedy, missing
    reports        ROWS: the rows of the annual report's third table
    remedies       text(remedy, authorities), Authorities, RULES by OrganKind
    service        Method, Attempt, in_time, timeliness, served_on, must_serve_again
    refusals       LawRefusal(message): a Chinese sentence; rooms turn it into their own refusal
    worksheet      rows of `flask law deadlines` and `flask law fees`
"""
