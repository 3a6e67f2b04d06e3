-- A small schema of our own for pgledger's method: one call of a PL/pgSQL function is one transfer. It locks the accounts
-- in the order of their ids, checks, and writes the transfer, two entries with the balance before and after, the two
-- balances and the key of the request. Ids come from the client, as ours do.
--
-- `transfer_lean` writes exactly that. `transfer_full` writes what an award of ours writes beside it: the report's state,
-- the award, the standing, the event and the stored answer.

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    balance bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    has_floor boolean NOT NULL DEFAULT true,
    CHECK (NOT has_floor OR balance >= 0)
);

CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    from_account uuid NOT NULL REFERENCES accounts,
    to_account uuid NOT NULL REFERENCES accounts,
    amount bigint NOT NULL CHECK (amount > 0),
    effective_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    actor varchar(80) NOT NULL,
    memo varchar(500) NOT NULL,
    CHECK (from_account <> to_account)
);
CREATE INDEX ON transfers (from_account);
CREATE INDEX ON transfers (to_account);

CREATE TABLE entries (
    account_id uuid NOT NULL REFERENCES accounts,
    version bigint NOT NULL,
    transfer_id uuid NOT NULL REFERENCES transfers,
    amount bigint NOT NULL,
    balance_before bigint NOT NULL,
    balance_after bigint NOT NULL,
    PRIMARY KEY (account_id, version)
);
CREATE INDEX ON entries (transfer_id);

CREATE TABLE request_keys (
    key varchar(200) PRIMARY KEY,
    transfer_id uuid NOT NULL,
    body bytea,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE reports (
    id uuid PRIMARY KEY,
    rider_id uuid NOT NULL REFERENCES accounts,
    state varchar(10) NOT NULL DEFAULT 'submitted',
    category_code varchar(10) NOT NULL DEFAULT 'SAF-03',
    address varchar(500) NOT NULL DEFAULT '鄞州大道 1 号',
    submitted_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    decided_by varchar(80)
);
CREATE INDEX ON reports (state, submitted_at);
CREATE INDEX ON reports (rider_id, submitted_at);

CREATE TABLE awards (
    report_id uuid PRIMARY KEY REFERENCES reports,
    rider_id uuid NOT NULL,
    transfer_id uuid NOT NULL REFERENCES transfers,
    points bigint NOT NULL,
    month char(7) NOT NULL,
    effective_at timestamptz NOT NULL
);
CREATE INDEX ON awards (rider_id, month);

CREATE TABLE standings (
    month char(7) NOT NULL,
    rider_id uuid NOT NULL,
    merit bigint NOT NULL,
    verified_reports bigint NOT NULL,
    reached_at timestamptz NOT NULL,
    PRIMARY KEY (month, rider_id)
);
CREATE INDEX ON standings (month, merit DESC, verified_reports DESC, reached_at, rider_id);

CREATE TABLE events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind varchar(40) NOT NULL,
    subject uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    data text NOT NULL
);

CREATE FUNCTION transfer_lean(
    new_id uuid, from_id uuid, to_id uuid, points bigint, request_key text, by_actor text, why text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    from_before accounts;
    to_before accounts;
BEGIN
    INSERT INTO request_keys (key, transfer_id) VALUES (request_key, new_id);
    PERFORM 1 FROM accounts WHERE id IN (from_id, to_id) ORDER BY id FOR UPDATE;
    SELECT * INTO STRICT from_before FROM accounts WHERE id = from_id;
    SELECT * INTO STRICT to_before FROM accounts WHERE id = to_id;
    IF from_before.has_floor AND from_before.balance < points THEN
        RAISE EXCEPTION 'balance too low: % of %', from_before.balance, points;
    END IF;
    INSERT INTO transfers (id, from_account, to_account, amount, effective_at, actor, memo)
    VALUES (new_id, from_id, to_id, points, now(), by_actor, why);
    UPDATE accounts SET balance = balance - points, version = version + 1 WHERE id = from_id;
    UPDATE accounts SET balance = balance + points, version = version + 1 WHERE id = to_id;
    INSERT INTO entries (account_id, version, transfer_id, amount, balance_before, balance_after)
    VALUES
        (from_id, from_before.version + 1, new_id, -points, from_before.balance, from_before.balance - points),
        (to_id, to_before.version + 1, new_id, points, to_before.balance, to_before.balance + points);
    RETURN to_before.balance + points;
END;
$$;

CREATE FUNCTION transfer_full(
    new_id uuid, budget uuid, report uuid, points bigint, request_key text, by_actor text, why text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found reports;
    after bigint;
BEGIN
    SELECT * INTO STRICT found FROM reports WHERE id = report FOR UPDATE;
    IF found.state <> 'submitted' THEN
        RAISE EXCEPTION 'report % is %', report, found.state;
    END IF;
    after := transfer_lean(new_id, budget, found.rider_id, points, request_key, by_actor, why);
    UPDATE reports SET state = 'verified', decided_at = now(), decided_by = by_actor WHERE id = report;
    INSERT INTO awards (report_id, rider_id, transfer_id, points, month, effective_at)
    VALUES (report, found.rider_id, new_id, points, to_char(found.submitted_at, 'YYYY-MM'), now());
    INSERT INTO standings (month, rider_id, merit, verified_reports, reached_at)
    VALUES (to_char(found.submitted_at, 'YYYY-MM'), found.rider_id, points, 1, now())
    ON CONFLICT (month, rider_id) DO UPDATE
    SET merit = standings.merit + excluded.merit,
        verified_reports = standings.verified_reports + 1,
        reached_at = excluded.reached_at;
    INSERT INTO events (kind, subject, data)
    VALUES (
        'report.verified',
        report,
        json_build_object('rider', found.rider_id, 'by', by_actor, 'points', points, 'available_after', after)::text
    );
    UPDATE request_keys
    SET body = convert_to(json_build_object('report', report, 'available', after)::text, 'UTF8')
    WHERE key = request_key;
    RETURN after;
END;
$$;
