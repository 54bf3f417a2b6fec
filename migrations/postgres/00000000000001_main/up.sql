-- What each county folder said of the county when it was imported; the latest counts.
CREATE TABLE county_record (
    id BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C" NOT NULL,
    bureau TEXT COLLATE "C" NOT NULL,
    scorecard TEXT COLLATE "C" NOT NULL,
    business_date INTEGER,
    document TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- Banks that take part.
CREATE TABLE bank (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- One row a USCC that the roster has named.
CREATE TABLE merchant (
    id BYTEA NOT NULL,
    uscc TEXT COLLATE "C" NOT NULL UNIQUE,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- One row a file taken for one source; finished_at comes with the coverage, in the last slice.
CREATE TABLE delivery (
    id BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    covers_from INTEGER NOT NULL,
    covers_until INTEGER NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    taken_by TEXT COLLATE "C" NOT NULL,
    corrects BOOLEAN NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    counts TEXT COLLATE "C",
    PRIMARY KEY (id)
);

-- The index from a register's key to the merchant and the latest version of the fact.
CREATE TABLE fact (
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    version INTEGER NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, key)
);

-- Facts as versions: never changed, never deleted. Clustered by merchant, so that a history is one range.
CREATE TABLE fact_version (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    delivery_id BYTEA NOT NULL REFERENCES delivery,
    content TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, kind, key, version)
);

-- Changes of what should not change: side by side with the known version until a person decides.
CREATE TABLE held_change (
    id BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    known_version INTEGER NOT NULL,
    digest BYTEA NOT NULL,
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    delivery_id BYTEA NOT NULL REFERENCES delivery,
    line BIGINT NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    held_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    decision TEXT COLLATE "C",
    PRIMARY KEY (id)
);

-- Facts that a merchant disputes: they count until decided, and are marked.
CREATE TABLE dispute (
    id BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    reason TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    PRIMARY KEY (id)
);

-- The days that each finished delivery covers; both ends included.
CREATE TABLE coverage (
    delivery_id BYTEA NOT NULL REFERENCES delivery,
    kind TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    covers_from INTEGER NOT NULL,
    covers_until INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (delivery_id)
);

-- The scores given: never changed, never deleted.
CREATE TABLE score (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    id BYTEA NOT NULL,
    as_of INTEGER NOT NULL,
    computed_at BIGINT NOT NULL,
    card TEXT COLLATE "C" NOT NULL,
    standing TEXT COLLATE "C" NOT NULL,
    points INTEGER NOT NULL,
    tier TEXT COLLATE "C",
    tier_cap TEXT COLLATE "C",
    completeness INTEGER NOT NULL,
    next_change_on INTEGER,
    parts TEXT COLLATE "C" NOT NULL,
    red_lines TEXT COLLATE "C" NOT NULL,
    inputs BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, id)
);

-- Which score is the merchant's present one, and until when it stands if nothing is recorded.
CREATE TABLE current_score (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    score_id BYTEA,
    as_of INTEGER NOT NULL,
    next_change_on INTEGER,
    stale BOOLEAN NOT NULL,
    coverage_count BIGINT NOT NULL,
    card TEXT COLLATE "C" NOT NULL,
    marks BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);

-- Programs of a bank that may ask for tokens.
CREATE TABLE client (
    id BYTEA NOT NULL,
    bank_id TEXT COLLATE "C" NOT NULL REFERENCES bank,
    algorithm TEXT COLLATE "C" NOT NULL,
    public_key TEXT COLLATE "C" NOT NULL,
    added_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (id)
);

-- Keys that sign access tokens; the private half is sealed.
CREATE TABLE signing_key (
    kid TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    public_jwk TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (kid)
);

-- Client assertions already used (jti), kept until they have expired.
CREATE TABLE used_assertion (
    client_id BYTEA NOT NULL REFERENCES client,
    jti_digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, jti_digest)
);

-- What a bank asked, why, and what it was told: never changed, never deleted. The client, which is asked for in the same
-- transaction, answers for the bank: a reference would have every query lock the bank's row.
CREATE TABLE bank_query (
    bank_id TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    client_id BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    uscc TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    business_ref TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA,
    authorisation TEXT COLLATE "C",
    as_of INTEGER NOT NULL,
    valid_until INTEGER,
    body_digest BYTEA,
    digest BYTEA,
    PRIMARY KEY (bank_id, id)
);

-- What answers have in common, once per merchant and content.
CREATE TABLE answer_body (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    digest BYTEA NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, digest)
);

-- Nightly jobs: claimed once per job and business date, whichever instance comes first.
CREATE TABLE job_run (
    job TEXT COLLATE "C" NOT NULL,
    business_date INTEGER NOT NULL,
    holder BYTEA NOT NULL,
    lease_until BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (job, business_date)
);

CREATE UNIQUE INDEX held_change_once ON held_change (kind, key, known_version, digest);
CREATE INDEX held_change_open ON held_change (held_at) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX dispute_open ON dispute (merchant_id, kind, key) WHERE decided_at IS NULL;
CREATE INDEX current_score_due ON current_score (next_change_on);
CREATE INDEX used_assertion_expiry ON used_assertion (expires_at);
CREATE INDEX client_by_bank ON client (bank_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER fact_version_keeps BEFORE UPDATE OR DELETE ON fact_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER coverage_keeps BEFORE UPDATE OR DELETE ON coverage FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER score_keeps BEFORE UPDATE OR DELETE ON score FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_query_keeps BEFORE UPDATE OR DELETE ON bank_query FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answer_body_keeps BEFORE UPDATE OR DELETE ON answer_body FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER fact_version_keeps_all BEFORE TRUNCATE ON fact_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER coverage_keeps_all BEFORE TRUNCATE ON coverage FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER score_keeps_all BEFORE TRUNCATE ON score FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_query_keeps_all BEFORE TRUNCATE ON bank_query FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER answer_body_keeps_all BEFORE TRUNCATE ON answer_body FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
