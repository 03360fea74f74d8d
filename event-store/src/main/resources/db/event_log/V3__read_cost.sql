-- As in the first migration, for payloads of up to 4 MiB.
create or replace function event_log.read_cost(metadata json, payload json) returns integer
language sql stable parallel safe
return case
         when pg_column_compression(metadata) is null then pg_column_size(metadata)
         else least(pg_column_size(metadata) * 91, 65536)
       end
     + case
         when payload is null then 0
         when pg_column_compression(payload) is null then pg_column_size(payload)
         else least(pg_column_size(payload) * 91, 4194304)
       end;
