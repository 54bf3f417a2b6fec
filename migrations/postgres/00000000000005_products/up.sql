-- Who has told of a product over the bank's door: the client, and the bank's own id of the person. Neither where a
-- county's folder did.
ALTER TABLE product ADD COLUMN client_id BYTEA;
ALTER TABLE product ADD COLUMN reported_by TEXT COLLATE "C";
