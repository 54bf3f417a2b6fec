-- Whose a line is that a bank reports, so that it is found by the merchant. One that was told of another merchant later
-- has a row for each; which one holds, its reports say.
CREATE TABLE line_of_merchant (
    uscc TEXT COLLATE "C" NOT NULL,
    bank_id TEXT COLLATE "C" NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (uscc, bank_id, agreement),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
);

INSERT INTO line_of_merchant
    SELECT DISTINCT content::json ->> 'uscc', bank_id, agreement FROM line_report
    WHERE kind = 'grant' AND content <> '';

-- A merchant's tier fell below this one on a day. While it is watched, only time has brought that about, and nothing is
-- advised before the day it is due. Gone once the tier is back.
CREATE TABLE tier_fall (
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    tier_before TEXT COLLATE "C" NOT NULL,
    fell_on INTEGER NOT NULL,
    due_on INTEGER NOT NULL,
    watched BOOLEAN NOT NULL,
    PRIMARY KEY (merchant_id, tier_before)
);

-- What a bank is advised about a line. What was advised stays as it is; that it was acknowledged and that it was lifted is
-- added, each once.
CREATE TABLE advice (
    bank_id TEXT COLLATE "C" NOT NULL REFERENCES bank,
    id BYTEA NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA NOT NULL REFERENCES merchant,
    uscc TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    since INTEGER NOT NULL,
    made_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT COLLATE "C",
    note TEXT COLLATE "C",
    lifted_at BIGINT,
    PRIMARY KEY (bank_id, id),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK (note IS NULL OR acknowledged_at IS NOT NULL)
);

-- Messages promised to banks, until they are received. They hold nothing: what is said is decided when they are fetched.
CREATE TABLE outbox (
    bank_id TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    advice_id BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    received_at BIGINT,
    PRIMARY KEY (bank_id, id),
    FOREIGN KEY (bank_id, advice_id) REFERENCES advice
);

-- A line that has gone to another merchant may be advised about under both until the first one's turn comes.
CREATE UNIQUE INDEX advice_once ON advice (bank_id, agreement, merchant_id, cause) WHERE lifted_at IS NULL;
CREATE INDEX advice_of_merchant ON advice (merchant_id) WHERE lifted_at IS NULL;
CREATE INDEX tier_fall_watched ON tier_fall (due_on) WHERE watched;
CREATE INDEX outbox_pending ON outbox (bank_id, created_at, id) WHERE received_at IS NULL;

CREATE TRIGGER advice_keeps
BEFORE UPDATE OF bank_id, id, agreement, merchant_id, uscc, cause, action, since, made_at OR DELETE ON advice
FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- What was added is not added again, nor taken back.
CREATE TRIGGER advice_keeps_what_was_added
BEFORE UPDATE OF acknowledged_at, acknowledged_by, note, lifted_at ON advice
FOR EACH ROW WHEN ((OLD.acknowledged_at IS NOT NULL AND (
    NEW.acknowledged_at IS DISTINCT FROM OLD.acknowledged_at OR NEW.acknowledged_by IS DISTINCT FROM OLD.acknowledged_by
    OR NEW.note IS DISTINCT FROM OLD.note
)) OR (OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS DISTINCT FROM OLD.lifted_at)) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER advice_keeps_all BEFORE TRUNCATE ON advice FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
