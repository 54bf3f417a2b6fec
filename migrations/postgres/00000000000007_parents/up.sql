-- Rows that come in crowds name rows that are never removed. A foreign key asks for each of them by itself, and locks and so
-- writes what it finds; these ask once a statement, and as strictly.
CREATE FUNCTION refuse_orphans() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- The table that is named, the columns that name, and when they do.
    parent CONSTANT TEXT := TG_ARGV[0];
    columns CONSTANT TEXT := TG_ARGV[1];
    names CONSTANT TEXT := TG_ARGV[2];
    lacks BOOLEAN;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM (SELECT DISTINCT %s FROM added) AS child '
        'WHERE NOT EXISTS (SELECT FROM %I AS parent WHERE %s))',
        columns, parent, names
    ) INTO lacks;
    IF lacks THEN
        RAISE EXCEPTION '% names a row of % that is not there', TG_TABLE_NAME, parent
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END
$$;

ALTER TABLE fact DROP CONSTRAINT fact_merchant_id_fkey;
ALTER TABLE fact_version DROP CONSTRAINT fact_version_merchant_id_fkey;
ALTER TABLE fact_version DROP CONSTRAINT fact_version_delivery_id_fkey;
ALTER TABLE score DROP CONSTRAINT score_merchant_id_fkey;
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_programme_debit_fkey;
ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_programme_credit_fkey;
ALTER TABLE claim DROP CONSTRAINT claim_merchant_id_fkey;
ALTER TABLE claim_basis DROP CONSTRAINT claim_basis_merchant_id_fkey;
ALTER TABLE claim_event DROP CONSTRAINT claim_event_claim_id_fkey;

CREATE TRIGGER fact_merchant_id_is_there AFTER INSERT ON fact REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER fact_merchant_id_is_there_still AFTER UPDATE ON fact REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER fact_version_merchant_id_is_there AFTER INSERT ON fact_version REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER fact_version_delivery_id_is_there AFTER INSERT ON fact_version REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('delivery', 'delivery_id', 'parent.id = child.delivery_id');
CREATE TRIGGER score_merchant_id_is_there AFTER INSERT ON score REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER ledger_transfer_programme_debit_is_there AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('ledger_account', 'programme, debit', 'parent.programme = child.programme AND parent.account = child.debit');
CREATE TRIGGER ledger_transfer_programme_credit_is_there AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('ledger_account', 'programme, credit', 'parent.programme = child.programme AND parent.account = child.credit');
CREATE TRIGGER claim_merchant_id_is_there AFTER INSERT ON claim REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER claim_basis_merchant_id_is_there AFTER INSERT ON claim_basis REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('merchant', 'merchant_id', 'parent.id = child.merchant_id');
CREATE TRIGGER claim_event_claim_id_is_there AFTER INSERT ON claim_event REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION refuse_orphans('claim', 'claim_id', 'parent.id = child.claim_id');

-- What foreign keys forbade, and more: nothing is removed that could be named.
CREATE TRIGGER merchant_stays BEFORE DELETE OR UPDATE OF id ON merchant FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merchant_stays_all BEFORE TRUNCATE ON merchant FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_stays BEFORE DELETE OR UPDATE OF id ON delivery FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_stays_all BEFORE TRUNCATE ON delivery FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_stays BEFORE DELETE OR UPDATE OF programme, account ON ledger_account FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_account_stays_all BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_stays BEFORE DELETE OR UPDATE OF id ON claim FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_stays_all BEFORE TRUNCATE ON claim FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
