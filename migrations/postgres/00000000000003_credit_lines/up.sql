-- What banks offer, as it was recorded: a later record with the same id replaces the earlier one from its day on.
CREATE TABLE product (
    id BYTEA NOT NULL,
    bank_id TEXT COLLATE "C" NOT NULL REFERENCES bank,
    product_id TEXT COLLATE "C" NOT NULL,
    in_force_from INTEGER NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- Loan prime rates as published; corrected as products are replaced.
CREATE TABLE loan_prime_rate (
    id BYTEA NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    published_on INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    in_force_from INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- What each row of a snapshot said: the line of its file, whose the fact was, and its version; version 0 is a row that
-- was refused. What a finished snapshot does not hold is absent from it.
CREATE TABLE snapshot_row (
    source TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    delivery_id BYTEA NOT NULL REFERENCES delivery,
    key TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    merchant_id BYTEA REFERENCES merchant,
    version INTEGER NOT NULL,
    PRIMARY KEY (source, kind, delivery_id, key)
);

-- A line that a bank reports of itself.
CREATE TABLE reported_line (
    bank_id TEXT COLLATE "C" NOT NULL REFERENCES bank,
    agreement TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (bank_id, agreement)
);

-- What banks report of lines, as versions: of a kind and key the latest counts. An empty content says that the fact is
-- no longer of this line.
CREATE TABLE line_report (
    bank_id TEXT COLLATE "C" NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    reported_by TEXT COLLATE "C" NOT NULL,
    client_id BYTEA NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (bank_id, agreement, kind, key, version),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
);

CREATE INDEX line_report_by_key ON line_report (bank_id, kind, key);

CREATE TRIGGER product_keeps BEFORE UPDATE OR DELETE ON product FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_prime_rate_keeps BEFORE UPDATE OR DELETE ON loan_prime_rate FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER product_keeps_all BEFORE TRUNCATE ON product FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_prime_rate_keeps_all BEFORE TRUNCATE ON loan_prime_rate FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_report_keeps BEFORE UPDATE OR DELETE ON line_report FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_report_keeps_all BEFORE TRUNCATE ON line_report FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
