-- Which kinds of event erase their stream; run at every start. One that erased
-- once does so for ever. ${erasureTypes} arrives as an array of quoted literals.

insert into event_log.erasure_type (type)
select unnest(${erasureTypes}::text[])
on conflict do nothing;
