"""The law in code: standard library only, and the clause stands beside every number."""
