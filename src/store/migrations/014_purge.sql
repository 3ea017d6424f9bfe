-- purge_us: 0 when the automation is not deleted; when its time comes; -1 while what it had is being removed; -2 when that is done.
CREATE INDEX automation_purge ON automation (purge_us) WHERE purge_us <> 0 AND purge_us > -2;
