"""Asks real Alembic about many histories at once: JSON on stdin, JSON on stdout.

Each question is {"folder": where the command would run, "ini": config file, "database": file or null, "rows": [[...], ...]}.
"""
import json
import os
import sys
import warnings

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

warnings.simplefilter("ignore")


def pending(script, rows):
    return [step.revision.revision for step in script._upgrade_revs("heads", tuple(rows))]


def attempt(question):
    try:
        return question()
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


def current(script, database):
    engine = create_engine("sqlite:///" + database)
    with engine.connect() as connection:
        rows = MigrationContext.configure(connection).get_current_heads()
    engine.dispose()
    shown = script.get_all_current(rows)
    return {"rows": sorted(rows), "shown": sorted(revision.revision for revision in shown)}


def answer(question):
    os.chdir(question["folder"])
    path = list(sys.path)
    try:
        script = ScriptDirectory.from_config(Config(question["ini"]))
        return {
            "heads": sorted(script.get_heads()),
            "realHeads": sorted(script.revision_map._real_heads),
            "titles": {each.revision: each.doc for each in script.walk_revisions()},
            "current": attempt(lambda: current(script, question["database"])) if question["database"] else None,
            "pending": [attempt(lambda: pending(script, rows)) for rows in question["rows"]],
        }
    finally:
        sys.path[:] = path


json.dump([attempt(lambda: answer(question)) for question in json.load(sys.stdin)], sys.stdout)
