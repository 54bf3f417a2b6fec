DROP TRIGGER merchant_stays_update;
DROP TRIGGER merchant_stays_delete;
DROP TRIGGER delivery_stays_update;
DROP TRIGGER delivery_stays_delete;
DROP TRIGGER ledger_account_stays_update;
DROP TRIGGER ledger_account_stays_delete;
DROP TRIGGER claim_stays_update;
DROP TRIGGER claim_stays_delete;
