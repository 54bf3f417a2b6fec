-- Whose a line is that a bank reports, so that it is found by the merchant. One that was told of another merchant later
-- has a row for each; which one holds, its reports say.
CREATE TABLE line_of_merchant (
    uscc TEXT NOT NULL,
    bank_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    PRIMARY KEY (uscc, bank_id, agreement),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
) STRICT, WITHOUT ROWID;

INSERT INTO line_of_merchant
    SELECT DISTINCT json_extract(content, '$.uscc'), bank_id, agreement FROM line_report
    WHERE kind = 'grant' AND content <> '';

-- A merchant's tier fell below this one on a day. While it is watched, only time has brought that about, and nothing is
-- advised before the day it is due. Gone once the tier is back.
CREATE TABLE tier_fall (
    merchant_id BLOB NOT NULL REFERENCES merchant,
    tier_before TEXT NOT NULL,
    fell_on INTEGER NOT NULL,
    due_on INTEGER NOT NULL,
    watched INTEGER NOT NULL CHECK (watched IN (0, 1)),
    PRIMARY KEY (merchant_id, tier_before)
) STRICT, WITHOUT ROWID;

-- What a bank is advised about a line. What was advised stays as it is; that it was acknowledged and that it was lifted is
-- added, each once.
CREATE TABLE advice (
    bank_id TEXT NOT NULL REFERENCES bank,
    id BLOB NOT NULL,
    agreement TEXT NOT NULL,
    merchant_id BLOB NOT NULL REFERENCES merchant,
    uscc TEXT NOT NULL,
    cause TEXT NOT NULL,
    action TEXT NOT NULL,
    since INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    note TEXT,
    lifted_at INTEGER,
    PRIMARY KEY (bank_id, id),
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK (note IS NULL OR acknowledged_at IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- Messages promised to banks, until they are received. They hold nothing: what is said is decided when they are fetched.
CREATE TABLE outbox (
    bank_id TEXT NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    advice_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    received_at INTEGER,
    PRIMARY KEY (bank_id, id),
    FOREIGN KEY (bank_id, advice_id) REFERENCES advice
) STRICT, WITHOUT ROWID;

-- A line that has gone to another merchant may be advised about under both until the first one's turn comes.
CREATE UNIQUE INDEX advice_once ON advice (bank_id, agreement, merchant_id, cause) WHERE lifted_at IS NULL;
CREATE INDEX advice_of_merchant ON advice (merchant_id) WHERE lifted_at IS NULL;
CREATE INDEX tier_fall_watched ON tier_fall (due_on) WHERE watched;
CREATE INDEX outbox_pending ON outbox (bank_id, created_at, id) WHERE received_at IS NULL;

CREATE TRIGGER advice_keeps_update
BEFORE UPDATE OF bank_id, id, agreement, merchant_id, uscc, cause, action, since, made_at ON advice BEGIN
    SELECT RAISE(ABORT, 'advice is append-only');
END;
-- What was added is not added again, nor taken back.
CREATE TRIGGER advice_keeps_what_was_added
BEFORE UPDATE OF acknowledged_at, acknowledged_by, note, lifted_at ON advice
WHEN (OLD.acknowledged_at IS NOT NULL AND (
    NEW.acknowledged_at IS NOT OLD.acknowledged_at OR NEW.acknowledged_by IS NOT OLD.acknowledged_by
    OR NEW.note IS NOT OLD.note
)) OR (OLD.lifted_at IS NOT NULL AND NEW.lifted_at IS NOT OLD.lifted_at) BEGIN
    SELECT RAISE(ABORT, 'advice is append-only');
END;
CREATE TRIGGER advice_keeps_delete BEFORE DELETE ON advice BEGIN
    SELECT RAISE(ABORT, 'advice is append-only');
END;
