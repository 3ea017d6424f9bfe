-- Sums of hours, quarters of a day (UTC) and days beside those of quarters of an hour, so that a year is read from few rows.
-- start_us is the level times 2^58 and the beginning: level 0 are quarters of an hour, 1 hours, 2 six hours, 3 days.
INSERT INTO run_rollup (organization, start_us, workspace, automation, total, completed, manual, failed)
SELECT organization, 288230376151711744 + start_us - start_us % 3600000000, workspace, automation,
    sum(total), sum(completed), sum(manual), sum(failed)
FROM run_rollup WHERE start_us >= 0 AND start_us < 288230376151711744
GROUP BY organization, 288230376151711744 + start_us - start_us % 3600000000, workspace, automation;

INSERT INTO run_rollup (organization, start_us, workspace, automation, total, completed, manual, failed)
SELECT organization, 576460752303423488 + start_us - start_us % 21600000000, workspace, automation,
    sum(total), sum(completed), sum(manual), sum(failed)
FROM run_rollup WHERE start_us >= 0 AND start_us < 288230376151711744
GROUP BY organization, 576460752303423488 + start_us - start_us % 21600000000, workspace, automation;

INSERT INTO run_rollup (organization, start_us, workspace, automation, total, completed, manual, failed)
SELECT organization, 864691128455135232 + start_us - start_us % 86400000000, workspace, automation,
    sum(total), sum(completed), sum(manual), sum(failed)
FROM run_rollup WHERE start_us >= 0 AND start_us < 288230376151711744
GROUP BY organization, 864691128455135232 + start_us - start_us % 86400000000, workspace, automation;
