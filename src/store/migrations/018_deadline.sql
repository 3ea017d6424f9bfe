-- By when runs must have ended; 0: they may take any time. Only runs with a deadline that have not ended stand in the index.
ALTER TABLE automation ADD COLUMN run_deadline_us bigint NOT NULL DEFAULT 0;
CREATE INDEX run_deadline ON run (deadline_us) WHERE deadline_us > 0 AND state IN (0, 1, 2, 3, 4);
