-- What banks offer, as it was recorded: a later record with the same id replaces the earlier one from its day on.
CREATE TABLE product (
    id BLOB NOT NULL,
    bank_id TEXT NOT NULL REFERENCES bank,
    product_id TEXT NOT NULL,
    in_force_from INTEGER NOT NULL,
    content TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- Loan prime rates as published; corrected as products are replaced.
CREATE TABLE loan_prime_rate (
    id BLOB NOT NULL,
    term TEXT NOT NULL,
    published_on INTEGER NOT NULL,
    basis_points INTEGER NOT NULL,
    in_force_from INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- What each row of a snapshot said: the line of its file, whose the fact was, and its version; version 0 is a row that
-- was refused. What a finished snapshot does not hold is absent from it.
CREATE TABLE snapshot_row (
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    delivery_id BLOB NOT NULL REFERENCES delivery,
    key TEXT NOT NULL,
    line INTEGER NOT NULL,
    merchant_id BLOB REFERENCES merchant,
    version INTEGER NOT NULL,
    PRIMARY KEY (source, kind, delivery_id, key)
) STRICT, WITHOUT ROWID;

-- A line that a bank reports of itself.
CREATE TABLE reported_line (
    bank_id TEXT NOT NULL REFERENCES bank,
    agreement TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (bank_id, agreement)
) STRICT, WITHOUT ROWID;

-- What banks report of lines, as versions: of a kind and key the latest counts. An empty content says that the fact is
-- no longer of this line.
CREATE TABLE line_report (
    bank_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    content TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    client_id BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (bank_id, agreement, kind, key, version),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
) STRICT, WITHOUT ROWID;

CREATE INDEX line_report_by_key ON line_report (bank_id, kind, key);

CREATE TRIGGER product_keeps_update BEFORE UPDATE ON product BEGIN
    SELECT RAISE(ABORT, 'product is append-only');
END;
CREATE TRIGGER product_keeps_delete BEFORE DELETE ON product BEGIN
    SELECT RAISE(ABORT, 'product is append-only');
END;
CREATE TRIGGER loan_prime_rate_keeps_update BEFORE UPDATE ON loan_prime_rate BEGIN
    SELECT RAISE(ABORT, 'loan_prime_rate is append-only');
END;
CREATE TRIGGER loan_prime_rate_keeps_delete BEFORE DELETE ON loan_prime_rate BEGIN
    SELECT RAISE(ABORT, 'loan_prime_rate is append-only');
END;
CREATE TRIGGER line_report_keeps_update BEFORE UPDATE ON line_report BEGIN
    SELECT RAISE(ABORT, 'line_report is append-only');
END;
CREATE TRIGGER line_report_keeps_delete BEFORE DELETE ON line_report BEGIN
    SELECT RAISE(ABORT, 'line_report is append-only');
END;
