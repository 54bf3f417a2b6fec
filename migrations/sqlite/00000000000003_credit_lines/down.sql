DROP TABLE line_report;
DROP TABLE reported_line;
DROP TABLE snapshot_row;
DROP TABLE loan_prime_rate;
DROP TABLE product;
