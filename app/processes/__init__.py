"""Processes, their immutable versions, and what it takes to run one."""

from app.processes.runtime import Runtime, active, runtime
from app.processes.views import room

__all__ = ["Runtime", "active", "room", "runtime"]
