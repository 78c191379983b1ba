"""The demonstration: the invented city of 云汀市 with its organs, people, documents and history.

data/organs.toml      organs, units, settings
data/people.toml      people, posts, what to look at
data/documents.toml   the texts that are uploaded, all written for the demonstration
data/cases/*.toml     one case each: who does which step on which day with which answers
data/registers/*.toml 发文登记簿 that are imported
data/office.toml      what else happens: numbers, people who leave, notices read

days.py     the days of the data, moved to the day of making
papers.py   files made of the texts
city.py     organs and people
acting.py   one event, done by the same commands the pages call
building.py all events in the order of time
command.py  `flask demo`
"""

from __future__ import annotations

from app.office.demo.command import demo

__all__ = ["demo"]
