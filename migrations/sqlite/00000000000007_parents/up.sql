-- Merchants, deliveries, accounts and claims are named by rows that are kept for ever: nothing of them is removed.
CREATE TRIGGER merchant_stays_update BEFORE UPDATE OF id ON merchant BEGIN
    SELECT RAISE(ABORT, 'merchant is append-only');
END;
CREATE TRIGGER merchant_stays_delete BEFORE DELETE ON merchant BEGIN
    SELECT RAISE(ABORT, 'merchant is append-only');
END;
CREATE TRIGGER delivery_stays_update BEFORE UPDATE OF id ON delivery BEGIN
    SELECT RAISE(ABORT, 'delivery is append-only');
END;
CREATE TRIGGER delivery_stays_delete BEFORE DELETE ON delivery BEGIN
    SELECT RAISE(ABORT, 'delivery is append-only');
END;
CREATE TRIGGER ledger_account_stays_update BEFORE UPDATE OF programme, account ON ledger_account BEGIN
    SELECT RAISE(ABORT, 'ledger_account is append-only');
END;
CREATE TRIGGER ledger_account_stays_delete BEFORE DELETE ON ledger_account BEGIN
    SELECT RAISE(ABORT, 'ledger_account is append-only');
END;
CREATE TRIGGER claim_stays_update BEFORE UPDATE OF id ON claim BEGIN
    SELECT RAISE(ABORT, 'claim is append-only');
END;
CREATE TRIGGER claim_stays_delete BEFORE DELETE ON claim BEGIN
    SELECT RAISE(ABORT, 'claim is append-only');
END;
