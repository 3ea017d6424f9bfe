-- How long runs that have ended are kept; 0: as long as the server's setting says.
ALTER TABLE automation ADD COLUMN keep_runs_us bigint NOT NULL DEFAULT 0;
