DROP TABLE movement_day;
DROP INDEX line_of_merchant_by_line;
CREATE TABLE line_report_new (
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
INSERT INTO line_report_new SELECT * FROM line_report;
DROP TABLE line_report;
ALTER TABLE line_report_new RENAME TO line_report;
CREATE TRIGGER line_report_keeps_update BEFORE UPDATE ON line_report BEGIN
    SELECT RAISE(ABORT, 'line_report is append-only');
END;
CREATE TRIGGER line_report_keeps_delete BEFORE DELETE ON line_report BEGIN
    SELECT RAISE(ABORT, 'line_report is append-only');
END;
CREATE INDEX line_report_by_key ON line_report (bank_id, kind, key);
