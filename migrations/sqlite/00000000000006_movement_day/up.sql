-- The latest version of a movement is found by its serial number, whatever the line; a line's reports without the
-- movements that were told once, of which the sums tell enough, by an index of their own.
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
    PRIMARY KEY (bank_id, kind, key, agreement, version),
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
-- With the content it holds all that is asked for; SQLite would otherwise go through all reports of the bank instead.
CREATE INDEX line_report_of_line ON line_report (bank_id, agreement, kind, key, version, content)
    WHERE kind <> 'movement' OR version > 1;
-- By a line, whose it is or was.
CREATE INDEX line_of_merchant_by_line ON line_of_merchant (bank_id, agreement);

-- What was drawn and what was repaid by line and day, in fen, by the last versions of the movements. It is kept with each
-- movement in the same transaction, and could be worked out anew from the reports at any time.
CREATE TABLE movement_day (
    bank_id TEXT NOT NULL,
    agreement TEXT NOT NULL,
    moved_on INTEGER NOT NULL,
    drawn INTEGER NOT NULL CHECK (drawn >= 0),
    repaid INTEGER NOT NULL CHECK (repaid >= 0),
    PRIMARY KEY (bank_id, agreement, moved_on),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
) STRICT, WITHOUT ROWID;

-- Of each line's movements the last version counts; an empty one says that it has gone to another line.
INSERT INTO movement_day
    SELECT bank_id, agreement, moved_on,
        sum(CASE direction WHEN 'draw' THEN fen ELSE 0 END), sum(CASE direction WHEN 'repayment' THEN fen ELSE 0 END)
    FROM (
        SELECT bank_id, agreement, unixepoch(content ->> '$.on') / 86400 AS moved_on,
            content ->> '$.direction' AS direction,
            CAST(replace(content ->> '$.amount', '.', '') AS INTEGER) AS fen
        FROM line_report AS this
        WHERE kind = 'movement' AND content <> '' AND NOT EXISTS (
            SELECT 1 FROM line_report AS later
            WHERE later.bank_id = this.bank_id AND later.kind = this.kind AND later.key = this.key
                AND later.agreement = this.agreement AND later.version > this.version
        )
    ) AS movement
    GROUP BY bank_id, agreement, moved_on;
