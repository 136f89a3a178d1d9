#!/bin/sh
# Keeps the command lines of the old backup.sh working, word for word. Put it in the project's folder, where the old one was.
#   ./backup.sh backup [name] | list | restore <name> [--force] | auto-backup | dump [file] | restore-dump <file>
project=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
if ! command -v pats-backup >/dev/null 2>&1; then
  echo 'pats-backup is not on the PATH. Run this in the integrated terminal of VS Code, or install the command line.' >&2
  exit 1
fi
exec pats-backup --project "$project" "$@"
