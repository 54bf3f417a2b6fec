ALTER TABLE product DROP COLUMN reported_by;
ALTER TABLE product DROP COLUMN client_id;
