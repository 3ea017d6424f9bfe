-- How many bytes the files of each organization have together.
CREATE TABLE file_usage (
    organization bigint NOT NULL PRIMARY KEY,
    bytes bigint NOT NULL
) CLUSTERED;

INSERT INTO file_usage (organization, bytes) SELECT organization, CAST(sum(size_bytes) AS bigint) FROM file GROUP BY organization;
