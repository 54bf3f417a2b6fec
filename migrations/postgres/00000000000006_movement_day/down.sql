DROP TABLE movement_day;
DROP INDEX line_of_merchant_by_line;
DROP INDEX line_report_of_line;
ALTER TABLE line_report DROP CONSTRAINT line_report_pkey;
ALTER TABLE line_report ADD PRIMARY KEY (bank_id, agreement, kind, key, version);
CREATE INDEX line_report_by_key ON line_report (bank_id, kind, key);
