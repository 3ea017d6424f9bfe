-- delete_us of a workspace or an organization: 0 when it is there; when it was deleted; -1 while what it had is being removed; -2 when that is
-- done. The few that are between stand in an index, so that nobody looks through all for them.
CREATE INDEX workspace_deleted ON workspace (delete_us, key) WHERE delete_us <> 0 AND delete_us > -2;
CREATE INDEX organization_deleted ON organization (delete_us, key) WHERE delete_us <> 0 AND delete_us > -2;
