-- What each county folder said of the county when it was imported; the latest counts.
CREATE TABLE county_record (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    bureau TEXT NOT NULL,
    scorecard TEXT NOT NULL,
    business_date INTEGER,
    document TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Banks that take part.
CREATE TABLE bank (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- One row a USCC that the roster has named.
CREATE TABLE merchant (
    id BLOB NOT NULL,
    uscc TEXT NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- One row a file taken for one source; finished_at comes with the coverage, in the last slice.
CREATE TABLE delivery (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    covers_from INTEGER NOT NULL,
    covers_until INTEGER NOT NULL,
    file TEXT NOT NULL,
    digest BLOB NOT NULL,
    taken_by TEXT NOT NULL,
    corrects INTEGER NOT NULL CHECK (corrects IN (0, 1)),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    counts TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- The index from a register's key to the merchant and the latest version of the fact.
CREATE TABLE fact (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    merchant_id BLOB NOT NULL REFERENCES merchant,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- Facts as versions: never changed, never deleted. Clustered by merchant, so that a history is one range.
CREATE TABLE fact_version (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    delivery_id BLOB NOT NULL REFERENCES delivery,
    content TEXT NOT NULL,
    PRIMARY KEY (merchant_id, kind, key, version)
) STRICT, WITHOUT ROWID;

-- Changes of what should not change: side by side with the known version until a person decides.
CREATE TABLE held_change (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    known_version INTEGER NOT NULL,
    digest BLOB NOT NULL,
    merchant_id BLOB NOT NULL REFERENCES merchant,
    delivery_id BLOB NOT NULL REFERENCES delivery,
    line INTEGER NOT NULL,
    content TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    decision TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Facts that a merchant disputes: they count until decided, and are marked.
CREATE TABLE dispute (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    merchant_id BLOB NOT NULL REFERENCES merchant,
    reason TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    opened_by TEXT NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    outcome TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- The days that each finished delivery covers; both ends included.
CREATE TABLE coverage (
    delivery_id BLOB NOT NULL REFERENCES delivery,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    covers_from INTEGER NOT NULL,
    covers_until INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (delivery_id)
) STRICT, WITHOUT ROWID;

-- The scores given: never changed, never deleted.
CREATE TABLE score (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    id BLOB NOT NULL,
    as_of INTEGER NOT NULL,
    computed_at INTEGER NOT NULL,
    card TEXT NOT NULL,
    standing TEXT NOT NULL,
    points INTEGER NOT NULL,
    tier TEXT,
    tier_cap TEXT,
    completeness INTEGER NOT NULL,
    next_change_on INTEGER,
    parts TEXT NOT NULL,
    red_lines TEXT NOT NULL,
    inputs BLOB NOT NULL,
    PRIMARY KEY (merchant_id, id)
) STRICT, WITHOUT ROWID;

-- Which score is the merchant's present one, and until when it stands if nothing is recorded.
CREATE TABLE current_score (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    score_id BLOB,
    as_of INTEGER NOT NULL,
    next_change_on INTEGER,
    stale INTEGER NOT NULL CHECK (stale IN (0, 1)),
    coverage_count INTEGER NOT NULL,
    card TEXT NOT NULL,
    marks INTEGER NOT NULL,
    PRIMARY KEY (merchant_id)
) STRICT, WITHOUT ROWID;

-- Programs of a bank that may ask for tokens.
CREATE TABLE client (
    id BLOB NOT NULL,
    bank_id TEXT NOT NULL REFERENCES bank,
    algorithm TEXT NOT NULL,
    public_key TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    disabled_at INTEGER,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Keys that sign access tokens; the private half is sealed.
CREATE TABLE signing_key (
    kid TEXT NOT NULL,
    sealed BLOB NOT NULL,
    public_jwk TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (kid)
) STRICT, WITHOUT ROWID;

-- Client assertions already used (jti), kept until they have expired.
CREATE TABLE used_assertion (
    client_id BLOB NOT NULL REFERENCES client,
    jti_digest BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, jti_digest)
) STRICT, WITHOUT ROWID;

-- What a bank asked, why, and what it was told: never changed, never deleted. The client, which is asked for in the same
-- transaction, answers for the bank: a reference would have every query lock the bank's row.
CREATE TABLE bank_query (
    bank_id TEXT NOT NULL,
    id BLOB NOT NULL,
    client_id BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    uscc TEXT NOT NULL,
    purpose TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    business_ref TEXT NOT NULL,
    outcome TEXT NOT NULL,
    merchant_id BLOB,
    authorisation TEXT,
    as_of INTEGER NOT NULL,
    valid_until INTEGER,
    body_digest BLOB,
    digest BLOB,
    PRIMARY KEY (bank_id, id)
) STRICT, WITHOUT ROWID;

-- What answers have in common, once per merchant and content.
CREATE TABLE answer_body (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    digest BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (merchant_id, digest)
) STRICT, WITHOUT ROWID;

-- Nightly jobs: claimed once per job and business date, whichever instance comes first.
CREATE TABLE job_run (
    job TEXT NOT NULL,
    business_date INTEGER NOT NULL,
    holder BLOB NOT NULL,
    lease_until INTEGER NOT NULL,
    finished_at INTEGER,
    PRIMARY KEY (job, business_date)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX held_change_once ON held_change (kind, key, known_version, digest);
CREATE INDEX held_change_open ON held_change (held_at) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX dispute_open ON dispute (merchant_id, kind, key) WHERE decided_at IS NULL;
CREATE INDEX current_score_due ON current_score (next_change_on);
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);
CREATE INDEX client_by_bank ON client (bank_id);

CREATE TRIGGER fact_version_keeps_update BEFORE UPDATE ON fact_version BEGIN
    SELECT RAISE(ABORT, 'fact_version is append-only');
END;
CREATE TRIGGER fact_version_keeps_delete BEFORE DELETE ON fact_version BEGIN
    SELECT RAISE(ABORT, 'fact_version is append-only');
END;
CREATE TRIGGER coverage_keeps_update BEFORE UPDATE ON coverage BEGIN
    SELECT RAISE(ABORT, 'coverage is append-only');
END;
CREATE TRIGGER coverage_keeps_delete BEFORE DELETE ON coverage BEGIN
    SELECT RAISE(ABORT, 'coverage is append-only');
END;
CREATE TRIGGER score_keeps_update BEFORE UPDATE ON score BEGIN
    SELECT RAISE(ABORT, 'score is append-only');
END;
CREATE TRIGGER score_keeps_delete BEFORE DELETE ON score BEGIN
    SELECT RAISE(ABORT, 'score is append-only');
END;
CREATE TRIGGER bank_query_keeps_update BEFORE UPDATE ON bank_query BEGIN
    SELECT RAISE(ABORT, 'bank_query is append-only');
END;
CREATE TRIGGER bank_query_keeps_delete BEFORE DELETE ON bank_query BEGIN
    SELECT RAISE(ABORT, 'bank_query is append-only');
END;
CREATE TRIGGER answer_body_keeps_update BEFORE UPDATE ON answer_body BEGIN
    SELECT RAISE(ABORT, 'answer_body is append-only');
END;
CREATE TRIGGER answer_body_keeps_delete BEFORE DELETE ON answer_body BEGIN
    SELECT RAISE(ABORT, 'answer_body is append-only');
END;
