"""退回, 取回, 直达: what was done in a case, what undoing a step would do, and doing it (design 3a).

    past      the rows as read once: who did what, and the engine's plan
    words     the plan as a person reads it
    undo      the plan carried out: state, items, answers, timers, record
    straight  back to whoever returned it, when the content did not change

Nothing is deleted: the `return` row names what is left out, items that do not count any more are `gone`.
"""
