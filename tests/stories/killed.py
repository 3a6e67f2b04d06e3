"""A server process to be killed: writes under load, and says each item on standard output once it is acknowledged.

Run as a program with the database's address.
"""

import sys
import threading
from datetime import UTC, datetime
from itertools import count

from uuid_utils.compat import uuid7

from ledger.storage.engine import open_database
from ledger.storage.group_commit import GroupCommit
from tests.storage.writers import command

CLIENTS = 8


def send_for_ever(writer: GroupCommit, client: int) -> None:
    for number in count():
        item = f"{client}-{number}"
        writer.run(command(item, key=item))
        sys.stdout.write(f"{item}\n")
        sys.stdout.flush()


def main(url: str) -> None:
    writer = GroupCommit(open_database(url), clock=lambda: datetime.now(UTC), new_id=uuid7)
    writer.start()
    clients = [threading.Thread(target=send_for_ever, args=(writer, number)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


if __name__ == "__main__":
    main(sys.argv[1])
