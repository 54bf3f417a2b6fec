DROP TABLE idempotency_key;
DROP TABLE claim_event;
DROP TABLE claim;
DROP TABLE claim_basis;
DROP TABLE ledger_transfer;
DROP TABLE ledger_account;
DROP TABLE programme_record;
