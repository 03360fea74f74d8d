-- No statistics of a log that is small. With them, PostgreSQL scans the whole table for one
-- stream or one page, which is right for some hundred events, and keeps that plan while the log
-- grows by a hundred thousand, until statistics are taken again: up to a minute. Without them it
-- reads from the indexes.
alter table event_log.event set (autovacuum_analyze_threshold = 1000);
