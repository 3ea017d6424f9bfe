-- Files by the time of their upload, for sums over periods.
CREATE INDEX file_newest ON file (organization, create_us);
