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

CREATE TRIGGER product_keeps BEFORE UPDATE OR DELETE ON product FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_prime_rate_keeps BEFORE UPDATE OR DELETE ON loan_prime_rate FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER product_keeps_all BEFORE TRUNCATE ON product FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER loan_prime_rate_keeps_all BEFORE TRUNCATE ON loan_prime_rate FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
