"""The read side: SQL → frozen record. Each function takes a connection inside a read transaction, and the programme.

A record is what the API prints, unless a module there says otherwise. Lists take a `limit` and `after`, the sort key of
the last row seen, and answer a `Slice`; cursors as text are the API's business. Raises NotFound where one thing is
asked for.
"""
