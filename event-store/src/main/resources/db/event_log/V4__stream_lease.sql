-- Leaves one stream to one writer for a moment, when the others have overtaken it there
-- again and again. In the head row, as every append locks and reads that already.
-- Appends queue behind whoever waits for this table's lock: a dump that holds it makes
-- the start fail instead.
set local lock_timeout = '3s';

alter table event_log.head
  add column lease_holder    uuid,          -- the writer; null when there was no lease yet, or the last one has served
  add column lease_namespace text,          -- null exactly when lease_holder is, as the one below
  add column lease_stream    text,
  add column lease_until     timestamptz;   -- by the database's clock; null when there was no lease yet
