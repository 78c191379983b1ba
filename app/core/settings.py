"""What an installation is told from outside: environment variables, read once.

`GONGKAI_DATA`      folder of database, files, keys and logs (default `instance/`)
`GONGKAI_DATABASE`  SQLAlchemy URL (default: SQLite in the data folder)
`GONGKAI_BROKER`    Celery broker URL (default: filesystem transport in the data folder)
`GONGKAI_ENV`       `office` (default, one machine) or `production` (refuses weak set-ups)
`GONGKAI_NOW`       the business moment to pretend, for demonstrations and browser tests
`GONGKAI_SEALS`     folder the auditor owns; seals of the record are appended there
`GONGKAI_PROXIES`   how many reverse proxies of ours stand in front (nginx: 1); their X-Forwarded-* are believed
`GONGKAI_PORTAL`    `off` switches the public site off for the whole installation (default `on`; each organ opens its own part)
`GONGKAI_SMTP`      `smtp://user:password@host:port` of the mail server (optional)
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Settings:
    """Immutable settings of one installation."""

    data: Path
    database: str
    broker: str
    production: bool
    seals: Path
    smtp: str | None
    mail_from: str
    now: str | None
    secure_cookies: bool
    proxies: int = 0
    portal: bool = True
    max_upload: int = 50 * 1024 * 1024  # bytes in one file
    max_request: int = 120 * 1024 * 1024  # bytes in one request

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite (one machine) rather than PostgreSQL."""
        return self.database.startswith("sqlite")

    @property
    def files(self) -> Path:
        """Where files live by content hash; may be a folder that several servers share."""
        return self.data / "files"

    @property
    def keys(self) -> Path:
        """Where key files live, mode 0600."""
        return self.data / "keys"


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from `env` (default: the process environment). Creates nothing."""
    env = os.environ if env is None else env
    data = Path(env.get("GONGKAI_DATA") or "instance").resolve()
    production = env.get("GONGKAI_ENV", "office") == "production"
    return Settings(
        data=data,
        database=env.get("GONGKAI_DATABASE") or f"sqlite:///{data / 'gongkai.db'}",
        broker=env.get("GONGKAI_BROKER") or "filesystem://",
        production=production,
        seals=Path(env.get("GONGKAI_SEALS") or data / "seals").resolve(),
        smtp=env.get("GONGKAI_SMTP") or None,
        mail_from=env.get("GONGKAI_MAIL_FROM") or "gongkai@localhost",
        now=env.get("GONGKAI_NOW") or None,
        proxies=int(env.get("GONGKAI_PROXIES") or 0),
        portal=(env.get("GONGKAI_PORTAL") or "on").lower() != "off",
        secure_cookies=env.get("GONGKAI_SECURE_COOKIES", "1" if production else "0") == "1",
    )
