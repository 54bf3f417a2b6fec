-- The latest version of a movement is found by its serial number, whatever the line; a line's reports without the
-- movements that were told once, of which the sums tell enough, by an index of their own.
DROP INDEX line_report_by_key;
ALTER TABLE line_report DROP CONSTRAINT line_report_pkey;
ALTER TABLE line_report ADD PRIMARY KEY (bank_id, kind, key, agreement, version);
CREATE INDEX line_report_of_line ON line_report (bank_id, agreement, kind, key, version)
    WHERE kind <> 'movement' OR version > 1;
-- By a line, whose it is or was.
CREATE INDEX line_of_merchant_by_line ON line_of_merchant (bank_id, agreement);

-- What was drawn and what was repaid by line and day, in fen, by the last versions of the movements. It is kept with each
-- movement in the same transaction, and could be worked out anew from the reports at any time.
CREATE TABLE movement_day (
    bank_id TEXT COLLATE "C" NOT NULL,
    agreement TEXT COLLATE "C" NOT NULL,
    moved_on INTEGER NOT NULL,
    drawn BIGINT NOT NULL CHECK (drawn >= 0),
    repaid BIGINT NOT NULL CHECK (repaid >= 0),
    PRIMARY KEY (bank_id, agreement, moved_on),
    FOREIGN KEY (bank_id, agreement) REFERENCES reported_line
);

-- Of each line's movements the last version counts; an empty one says that it has gone to another line.
INSERT INTO movement_day
    SELECT bank_id, agreement, moved_on,
        sum(CASE direction WHEN 'draw' THEN fen ELSE 0 END), sum(CASE direction WHEN 'repayment' THEN fen ELSE 0 END)
    FROM (
        SELECT bank_id, agreement, (content::json ->> 'on')::date - DATE '1970-01-01' AS moved_on,
            content::json ->> 'direction' AS direction,
            replace(content::json ->> 'amount', '.', '')::bigint AS fen
        FROM line_report AS this
        WHERE kind = 'movement' AND content <> '' AND NOT EXISTS (
            SELECT 1 FROM line_report AS later
            WHERE later.bank_id = this.bank_id AND later.kind = this.kind AND later.key = this.key
                AND later.agreement = this.agreement AND later.version > this.version
        )
    ) AS movement
    GROUP BY bank_id, agreement, moved_on;
