-- What the application's login may do; run at every start, so that a new login
-- gets it too. ${applicationRole} arrives as a quoted identifier.

-- One node at a time: of two that grant at once, PostgreSQL fails one.
select pg_advisory_xact_lock(hashtextextended('event_log.grants', 0));

grant usage on schema event_log to ${applicationRole};
grant select, insert on event_log.event to ${applicationRole};
grant select, update (
    position, recorded_at, hash, lease_holder, lease_namespace, lease_stream, lease_until
  ) on event_log.head to ${applicationRole};
grant select, insert, delete on event_log.snapshot to ${applicationRole};
grant execute on function event_log.erase(text, text) to ${applicationRole};

-- For its own schemas, which it creates and drops.
grant create on database ${database} to ${applicationRole};
