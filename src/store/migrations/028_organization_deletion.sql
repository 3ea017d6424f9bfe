-- When an organization was deleted; 0: it is there.
ALTER TABLE organization ADD COLUMN delete_us bigint NOT NULL DEFAULT 0;
