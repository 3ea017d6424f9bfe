-- How often a call that has not come to its end was tried.
ALTER TABLE effect ADD COLUMN tries bigint NOT NULL DEFAULT 0;
