"""The one connection to the database."""
import os

from sqlalchemy import create_engine, event

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///data/pats.db")
engine = create_engine(DATABASE_URL)


@event.listens_for(engine, "connect")
def configure(connection, _record) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
