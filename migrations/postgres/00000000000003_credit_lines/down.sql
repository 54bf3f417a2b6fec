DROP TABLE snapshot_row;
DROP TABLE loan_prime_rate;
DROP TABLE product;
