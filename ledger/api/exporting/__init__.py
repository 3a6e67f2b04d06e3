"""The journal in the forms of other programs: a pure module a format, from records to text or bytes, piece by piece.

`journal.py` is what each is given; `names.py` and `texts.py` what accounts and memos are called there; `sending.py`
carries the pieces to a client. What is exported, and who may ask, is in `ledger/api/exports.py`.
"""
