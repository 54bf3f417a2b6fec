-- Programmes of subsidy as each folder declared them; of one id the latest counts from its business date on.
CREATE TABLE programme_record (
    programme TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    in_force_from INTEGER NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    funder TEXT COLLATE "C" NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    pool BIGINT NOT NULL,
    rate TEXT COLLATE "C" NOT NULL,
    cap_per_merchant_month BIGINT,
    cap_per_merchant_year BIGINT,
    unit_kinds TEXT COLLATE "C",
    tiers TEXT COLLATE "C",
    payment TEXT COLLATE "C" NOT NULL,
    certified TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, id)
);

-- Where a programme's money stands. Only the source of the pool may be below zero.
CREATE TABLE ledger_account (
    programme TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    balance BIGINT NOT NULL,
    PRIMARY KEY (programme, account),
    CHECK (balance >= 0 OR account = 'funding')
);

-- Double entry: one row a transfer, so that it balances by construction. Never changed, never deleted.
CREATE TABLE ledger_transfer (
    programme TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    debit TEXT COLLATE "C" NOT NULL,
    credit TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    reason TEXT COLLATE "C" NOT NULL,
    claim_id BYTEA,
    posted_on INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, id),
    FOREIGN KEY (programme, debit) REFERENCES ledger_account (programme, account),
    FOREIGN KEY (programme, credit) REFERENCES ledger_account (programme, account),
    CHECK (debit <> credit)
);

-- What a merchant's fees at one acquirer in one month came to when a claim was computed (version 1), and after each
-- change that counts. Never changed, never deleted; a month without a claim has its row too.
CREATE TABLE claim_basis (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    programme TEXT COLLATE "C" NOT NULL,
    acquirer TEXT COLLATE "C" NOT NULL,
    month INTEGER NOT NULL,
    version INTEGER NOT NULL,
    fee BIGINT NOT NULL,
    rate INTEGER NOT NULL,
    tier TEXT COLLATE "C",
    certified BOOLEAN NOT NULL,
    entitled BIGINT NOT NULL,
    granted BIGINT NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    record_id BYTEA NOT NULL,
    known_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, programme, acquirer, month, version)
);

-- A claim on a programme's pool: number 0 of each merchant, acquirer and month; further numbers are differences that
-- were found later. The amount stays; what is left of it is in remaining.
CREATE TABLE claim (
    id BYTEA NOT NULL,
    programme TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    acquirer TEXT COLLATE "C" NOT NULL,
    month INTEGER NOT NULL,
    number INTEGER NOT NULL,
    fee BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    remaining BIGINT NOT NULL CHECK (remaining >= 0 AND remaining <= amount),
    status TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    submitted_by TEXT COLLATE "C",
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- What happened to a claim, by whom: each step once. Never changed, never deleted.
CREATE TABLE claim_event (
    claim_id BYTEA NOT NULL REFERENCES claim,
    number INTEGER NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    amount BIGINT NOT NULL,
    reference TEXT COLLATE "C",
    acted_at BIGINT NOT NULL,
    acted_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (claim_id, number)
);

-- Requests that had an effect, and what they were answered: written with the effect, kept for seven days.
CREATE TABLE idempotency_key (
    key_digest BYTEA NOT NULL,
    request_digest BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (key_digest)
);

CREATE UNIQUE INDEX claim_once ON claim (merchant_id, programme, acquirer, month, number);
CREATE INDEX claim_by_month ON claim (programme, month);
CREATE INDEX claim_basis_by_month ON claim_basis (programme, month);
CREATE INDEX ledger_transfer_by_claim ON ledger_transfer (claim_id);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

CREATE TRIGGER programme_record_keeps BEFORE UPDATE OR DELETE ON programme_record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_keeps BEFORE UPDATE OR DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_basis_keeps BEFORE UPDATE OR DELETE ON claim_basis FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_event_keeps BEFORE UPDATE OR DELETE ON claim_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER programme_record_keeps_all BEFORE TRUNCATE ON programme_record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_keeps_all BEFORE TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_basis_keeps_all BEFORE TRUNCATE ON claim_basis FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_event_keeps_all BEFORE TRUNCATE ON claim_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
