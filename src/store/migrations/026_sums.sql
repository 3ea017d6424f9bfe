-- The newest quarter of an hour of each automation stays beside its sums of all time (start_us -1) until the next one begins; only then is it
-- added to the sums of quarters and longer spans. open_us is its beginning.
ALTER TABLE run_rollup ADD COLUMN open_us bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_total bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_completed bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_manual bigint NOT NULL DEFAULT 0;
ALTER TABLE run_rollup ADD COLUMN open_failed bigint NOT NULL DEFAULT 0;
