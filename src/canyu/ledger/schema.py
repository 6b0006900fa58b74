"""The tables of the ledger on SQLite and PostgreSQL, and the triggers that keep every row as it was written."""

from __future__ import annotations

from canyu.ledger.dialects import Connection, Dialect, find_dialect

TABLES = ("ledger_account", "ledger_transfer", "ledger_balance", "ledger_open_hold")
FROZEN = ("ledger_account", "ledger_transfer")
REFUSAL = "the ledger is append-only: reverse a transfer by a new one"
ABORT = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"

# Beyond what the judgement in memory holds, the database itself refuses a balance below its limit, a second answer to
# one hold, an id twice. Foreign keys are left out: on PostgreSQL they lock both accounts once more for each row
# (the audit looks for orphans instead).
CREATE = """
CREATE TABLE ledger_account (
  id {text} PRIMARY KEY,
  unit {text} NOT NULL,
  side {text} NOT NULL CHECK (side IN ('credit', 'debit', 'none')),
  opened_at {count} NOT NULL
){strict};
CREATE TABLE ledger_balance (
  account {text} PRIMARY KEY,
  side {text} NOT NULL,
  debits {count} NOT NULL CHECK (debits >= 0),
  credits {count} NOT NULL CHECK (credits >= 0),
  debits_held {count} NOT NULL CHECK (debits_held >= 0),
  credits_held {count} NOT NULL CHECK (credits_held >= 0),
  CONSTRAINT ledger_credit_side CHECK (side <> 'credit' OR debits + debits_held <= credits),
  CONSTRAINT ledger_debit_side CHECK (side <> 'debit' OR credits + credits_held <= debits)
){strict};
CREATE TABLE ledger_transfer (
  position {position},
  id {text} NOT NULL UNIQUE,
  kind {text} NOT NULL CHECK (kind IN ('transfer', 'hold', 'settle', 'void', 'expire', 'reverse')),
  debit {text} NOT NULL,
  credit {text} NOT NULL,
  unit {text} NOT NULL,
  amount {count} NOT NULL,
  released {count} NOT NULL,
  refers {text},
  expires_at {count},
  made_at {count} NOT NULL,
  memo {text} NOT NULL,
  CHECK (debit <> credit),
  CHECK (amount > 0 OR (amount = 0 AND kind IN ('void', 'expire'))),
  CHECK ((released > 0) = (kind IN ('settle', 'void', 'expire')) AND released >= 0),
  CHECK ((refers IS NOT NULL) = (kind IN ('settle', 'void', 'expire', 'reverse')))
){strict};
CREATE UNIQUE INDEX ledger_answer ON ledger_transfer (refers) WHERE refers IS NOT NULL;
CREATE INDEX ledger_debit ON ledger_transfer (debit, position);
CREATE INDEX ledger_credit ON ledger_transfer (credit, position);
CREATE TABLE ledger_open_hold (
  id {text} PRIMARY KEY,
  expires_at {count}
){strict};
CREATE INDEX ledger_due ON ledger_open_hold (expires_at)
"""

# REPLACE deletes without firing a delete trigger, so a row that would replace another is refused before it goes in.
SQLITE_GUARDS = {
    **{
        f"{table}_{verb.lower()}": f"BEFORE {verb} ON {table} {ABORT}"
        for table in FROZEN
        for verb in ("UPDATE", "DELETE")
    },
    "ledger_account_replace": "BEFORE INSERT ON ledger_account "  # noqa: S608 - no value in it
    f"WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id) {ABORT}",
    "ledger_transfer_replace": "BEFORE INSERT ON ledger_transfer "  # noqa: S608 - no value in it
    "WHEN EXISTS (SELECT 1 FROM ledger_transfer WHERE id = NEW.id) "
    "OR EXISTS (SELECT 1 FROM ledger_transfer WHERE position = NEW.position) "
    f"OR (NEW.refers IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_transfer WHERE refers = NEW.refers)) {ABORT}",
}
POSTGRES_FUNCTION = (
    f"CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
)
POSTGRES_GUARDS = {
    f"{table}_{name}": f"BEFORE {verbs} ON {table} FOR EACH {each} EXECUTE FUNCTION ledger_refuse()"
    for table in FROZEN
    for name, verbs, each in (("change", "UPDATE OR DELETE", "ROW"), ("truncate", "TRUNCATE", "STATEMENT"))
}
GUARDS = {"sqlite": SQLITE_GUARDS, "postgresql": POSTGRES_GUARDS}
"""By database: the triggers that keep rows as they were written; the audit looks whether they are there."""


def has_schema(connection: Connection) -> bool:
    """Say whether the ledger's tables are there."""
    return find_dialect(connection).has_table(connection, "ledger_transfer")


def create_schema(connection: Connection) -> None:
    """Create tables, indexes and guards where they are not there yet, in the transaction that is open."""
    if has_schema(connection):
        return
    dialect = find_dialect(connection)
    for statement in list_statements(dialect):
        connection.execute(statement)


def drop_schema(connection: Connection) -> None:
    """Drop the whole ledger, its history with it: for a migration taken back and for tests."""
    for table in reversed(TABLES):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    if find_dialect(connection).name == "postgresql":
        connection.execute("DROP FUNCTION IF EXISTS ledger_refuse")


def list_statements(dialect: Dialect) -> list[str]:
    """Return the statements that make the ledger in one database's words."""
    tables = CREATE.format(text=dialect.text, count=dialect.count, position=dialect.position, strict=dialect.strict)
    functions = [POSTGRES_FUNCTION] if dialect.name == "postgresql" else []
    triggers = [f"CREATE TRIGGER {name} {what}" for name, what in GUARDS[dialect.name].items()]
    return [*(each.strip() for each in tables.split(";")), *functions, *triggers]
