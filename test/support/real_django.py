# Answers questions about Django projects, each in a process of its own: what showmigrations and migrate say.
# A question: {root, rows: [[app, name], ...], migrate: [[app, name], ...] or null}
import io
import json
import os
import sys

import django
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models  # noqa: F401, imported once for all
from django.db.migrations.recorder import MigrationRecorder


def said_by(*arguments, **options):
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out, no_color=True, **options)
    except Exception as error:
        return {"error": type(error).__name__ + ": " + str(error)}
    return {"lines": out.getvalue().splitlines()}


def answer(question):
    os.chdir(question["root"])
    sys.path.insert(0, question["root"])
    os.environ["DJANGO_SETTINGS_MODULE"] = "conf.settings"
    django.setup()
    if question["rows"] is not None:
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in question["rows"]:
            recorder.record_applied(app, name)
    steps = [said_by("migrate", *step, verbosity=0) for step in question.get("migrate") or []]
    return {
        "steps": steps,
        "plan": said_by("showmigrations", format="plan"),
        "dryRun": said_by("migrate", plan=True),
    }


def in_own_process(question):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            result = answer(question)
        except BaseException as error:
            result = {"error": type(error).__name__ + ": " + str(error)}
        with os.fdopen(writer, "w") as stream:
            json.dump(result, stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text)


json.dump([in_own_process(question) for question in json.load(sys.stdin)], sys.stdout)
