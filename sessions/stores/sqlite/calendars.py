"""The calendar addresses of the embedded store, one a person."""

from __future__ import annotations

import sqlite3

from sessions.core.records import CalendarAddress
from sessions.stores.sqlite.rows import CALENDAR_COLUMNS, calendar_of, calendar_row, insert, select

__all__ = ["address_of", "by_token", "save_address"]


def address_of(connection: sqlite3.Connection, user_id: str) -> CalendarAddress | None:
    """Return somebody's address."""
    sql = select(CALENDAR_COLUMNS, "FROM calendar_addresses WHERE user_id = ?")
    row = connection.execute(sql, (user_id,)).fetchone()
    return calendar_of(row) if row else None


def by_token(connection: sqlite3.Connection, token: str) -> CalendarAddress | None:
    """Return the address that holds ``token``."""
    sql = select(CALENDAR_COLUMNS, "FROM calendar_addresses WHERE token = ?")
    row = connection.execute(sql, (token,)).fetchone()
    return calendar_of(row) if row else None


def save_address(connection: sqlite3.Connection, address: CalendarAddress) -> None:
    """Put an address in the place of the one that the person had."""
    connection.execute("DELETE FROM calendar_addresses WHERE user_id = ?", (address.user_id,))
    connection.execute(insert("calendar_addresses", CALENDAR_COLUMNS), calendar_row(address))
