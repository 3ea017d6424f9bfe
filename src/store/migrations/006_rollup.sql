-- How many runs each automation began in each quarter of an hour, and how they ended; start_us -1 holds the sums of all
-- time. All zones' days begin on such quarters. `manual`: completed, but a person had to answer.
CREATE TABLE run_rollup (
    organization bigint NOT NULL,
    start_us bigint NOT NULL,
    workspace bigint NOT NULL,
    automation bigint NOT NULL,
    total bigint NOT NULL,
    completed bigint NOT NULL,
    manual bigint NOT NULL,
    failed bigint NOT NULL,
    PRIMARY KEY (organization, start_us, workspace, automation)
) CLUSTERED;

INSERT INTO run_rollup (organization, start_us, workspace, automation, total, completed, manual, failed)
SELECT r.organization, r.create_us - r.create_us % 900000000, r.workspace, r.automation, count(*),
    sum(CASE WHEN r.state = 5 THEN 1 ELSE 0 END),
    sum(CASE WHEN r.state = 5 AND EXISTS (SELECT 1 FROM exception e WHERE e.organization = r.organization
        AND e.workspace = r.workspace AND e.run_id = r.id AND e.state = 2 AND substr(e.resolver, 1, 6) = 'users/')
        THEN 1 ELSE 0 END),
    sum(CASE WHEN r.state = 6 THEN 1 ELSE 0 END)
FROM run r WHERE r.automation <> 0
GROUP BY r.organization, r.create_us - r.create_us % 900000000, r.workspace, r.automation;

INSERT INTO run_rollup (organization, start_us, workspace, automation, total, completed, manual, failed)
SELECT organization, -1, workspace, automation, sum(total), sum(completed), sum(manual), sum(failed)
FROM run_rollup GROUP BY organization, workspace, automation;
