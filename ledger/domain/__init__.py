"""The rules, pure: no I/O, no clock, no dice, no framework. State and `now` come in, decisions go out.

Glossary. A word means one thing, in code, SQL, URL and terminal alike.

programme     one district's points programme; the unit of distribution. Its id is the GB/T 2260 code of the place.
rider         a courier, food rider or driver (小哥) who reports hazards and earns points; code R00001.
operator      a person of the staff who signs in with name and password; has roles.
service key   another system's credential, with scopes.
actor         who did it, as the books print it: `operator/wang`, `rider/R00001`, `key/grid`, `system`.
report        a hazard somebody saw (随手拍): submitted → verified | rejected | duplicate; verified → revoked.
category      what kind of hazard; carries grade and points. From the rulebook.
rulebook      the rules in force from a date, one TOML document a version.
incident      reports of one hazard; each has a share of its points: full, later, or none.
award         the credit of a verified report: points wanted, points granted after the caps, merit and its month.
waiting       of an award: granted and counted, its points not booked yet, because the sponsor's budget is exhausted.
merit         what the monthly ranking counts. Not spendable, not in the ledger.
standing      a rider's merit, verified reports, serious points and the moment the score was reached, in one month.
score count   how many riders of a month share a score, so that a rank is a sum; kept as standings change.
account       anything that is counted: (programme, owner, purpose, commodity, bucket).
lot           points of a rider that lapse on the same day: the account `available` with that day as its bucket.
lapse         a lot's last day is over: nobody spends it any more, and what is left of it goes to `expired`.
grace         the days that points get anew whose lot lapsed while they were held, where we ended the redemption.
commodity     `POINTS`, or `ITEM:<sku>`.
proposal      a correction that one person proposes and another approves; the last approval books it.
transaction   a journal transaction: kind, times, actor, legs. The database's is a "unit of work".
leg           debit account → credit account, an amount > 0. Writes two entries, so it balances by construction.
entry         one side of a leg on one account, with the account's version and balance after it.
floor         the balance below which an account cannot go. Zero, or none.
refusal       a "no" with a stable code and the numbers in it. A value: it changes nothing and rolls nothing back.
unit of work  one database transaction: reads with locks, decides in memory, writes in sets, commits once.
"""
