-- Leaves one stream to one writer for a moment, which the others have overtaken at it
-- again and again. In the head row, as every append locks and reads that already.
alter table event_log.head
  add column lease_holder    uuid,          -- the writer; null when the lease has served
  add column lease_namespace text,
  add column lease_stream    text,
  add column lease_until     timestamptz;   -- by the database's clock; over by itself then
