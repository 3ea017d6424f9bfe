-- Files by their workspace, which are removed with it.
CREATE INDEX file_workspace ON file (organization, workspace);
