-- What the application's login may do; run at every start, so that a new login gets it too. ${applicationRole} arrives as
-- a quoted identifier.

grant usage on schema operations to ${applicationRole};
grant select, insert, update, delete on all tables in schema operations to ${applicationRole};
