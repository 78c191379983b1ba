"""The ground every room stands on: database, commands, errors, time, settings, keys, jobs. Imports no room."""
