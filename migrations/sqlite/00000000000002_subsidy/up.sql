-- Programmes of subsidy as each folder declared them; of one id the latest counts from its business date on.
CREATE TABLE programme_record (
    programme TEXT NOT NULL,
    id BLOB NOT NULL,
    in_force_from INTEGER NOT NULL,
    name TEXT NOT NULL,
    funder TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    pool INTEGER NOT NULL,
    rate TEXT NOT NULL,
    cap_per_merchant_month INTEGER,
    cap_per_merchant_year INTEGER,
    unit_kinds TEXT,
    tiers TEXT,
    payment TEXT NOT NULL,
    certified TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (programme, id)
) STRICT, WITHOUT ROWID;

-- Where a programme's money stands. Only the source of the pool may be below zero.
CREATE TABLE ledger_account (
    programme TEXT NOT NULL,
    account TEXT NOT NULL,
    balance INTEGER NOT NULL,
    PRIMARY KEY (programme, account),
    CHECK (balance >= 0 OR account = 'funding')
) STRICT, WITHOUT ROWID;

-- Double entry: one row a transfer, so that it balances by construction. Never changed, never deleted.
CREATE TABLE ledger_transfer (
    programme TEXT NOT NULL,
    id BLOB NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    reason TEXT NOT NULL,
    claim_id BLOB,
    posted_on INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (programme, id),
    FOREIGN KEY (programme, debit) REFERENCES ledger_account (programme, account),
    FOREIGN KEY (programme, credit) REFERENCES ledger_account (programme, account),
    CHECK (debit <> credit)
) STRICT, WITHOUT ROWID;

-- What a merchant's fees at one acquirer in one month came to when a claim was computed (version 1), and after each
-- change that counts. Never changed, never deleted; a month without a claim has its row too.
CREATE TABLE claim_basis (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    programme TEXT NOT NULL,
    acquirer TEXT NOT NULL,
    month INTEGER NOT NULL,
    version INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    rate INTEGER NOT NULL,
    tier TEXT,
    certified INTEGER NOT NULL CHECK (certified IN (0, 1)),
    entitled INTEGER NOT NULL,
    granted INTEGER NOT NULL,
    cause TEXT NOT NULL,
    record_id BLOB NOT NULL,
    known_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    PRIMARY KEY (merchant_id, programme, acquirer, month, version)
) STRICT, WITHOUT ROWID;

-- A claim on a programme's pool: number 0 of each merchant, acquirer and month; further numbers are differences that
-- were found later. The amount stays; what is left of it is in remaining.
CREATE TABLE claim (
    id BLOB NOT NULL,
    programme TEXT NOT NULL,
    merchant_id BLOB NOT NULL REFERENCES merchant,
    acquirer TEXT NOT NULL,
    month INTEGER NOT NULL,
    number INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    remaining INTEGER NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    submitted_by TEXT,
    computed_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- What happened to a claim, by whom: each step once. Never changed, never deleted.
CREATE TABLE claim_event (
    claim_id BLOB NOT NULL REFERENCES claim,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reference TEXT,
    acted_at INTEGER NOT NULL,
    acted_by TEXT NOT NULL,
    PRIMARY KEY (claim_id, number)
) STRICT, WITHOUT ROWID;

-- Requests that had an effect, and what they were answered: written with the effect, kept for seven days.
CREATE TABLE idempotency_key (
    key_digest BLOB NOT NULL,
    request_digest BLOB NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key_digest)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX claim_once ON claim (merchant_id, programme, acquirer, month, number);
CREATE INDEX claim_by_month ON claim (programme, month);
CREATE INDEX claim_basis_by_month ON claim_basis (programme, month);
CREATE INDEX ledger_transfer_by_claim ON ledger_transfer (claim_id);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

CREATE TRIGGER programme_record_keeps_update BEFORE UPDATE ON programme_record BEGIN
    SELECT RAISE(ABORT, 'programme_record is append-only');
END;
CREATE TRIGGER programme_record_keeps_delete BEFORE DELETE ON programme_record BEGIN
    SELECT RAISE(ABORT, 'programme_record is append-only');
END;
CREATE TRIGGER ledger_transfer_keeps_update BEFORE UPDATE ON ledger_transfer BEGIN
    SELECT RAISE(ABORT, 'ledger_transfer is append-only');
END;
CREATE TRIGGER ledger_transfer_keeps_delete BEFORE DELETE ON ledger_transfer BEGIN
    SELECT RAISE(ABORT, 'ledger_transfer is append-only');
END;
CREATE TRIGGER claim_basis_keeps_update BEFORE UPDATE ON claim_basis BEGIN
    SELECT RAISE(ABORT, 'claim_basis is append-only');
END;
CREATE TRIGGER claim_basis_keeps_delete BEFORE DELETE ON claim_basis BEGIN
    SELECT RAISE(ABORT, 'claim_basis is append-only');
END;
CREATE TRIGGER claim_event_keeps_update BEFORE UPDATE ON claim_event BEGIN
    SELECT RAISE(ABORT, 'claim_event is append-only');
END;
CREATE TRIGGER claim_event_keeps_delete BEFORE DELETE ON claim_event BEGIN
    SELECT RAISE(ABORT, 'claim_event is append-only');
END;
