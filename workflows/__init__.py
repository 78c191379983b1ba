"""Everything that is true without a web and without a database: the engine room and the law."""
