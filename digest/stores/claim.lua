-- Gives out entries that are due, and nobody else gets them before the lease is over. Every key lies in the workspace's slot.
--
-- KEYS  1 candidates  2 candidates:due
-- ARGV  1 now, ms  2 end of the lease, ms  3 how many at most
-- Returns the entries, the longest due first.
local given = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])) do
  local entry = redis.call('HGET', KEYS[1], id)
  if entry then
    redis.call('ZADD', KEYS[2], ARGV[2], id)
    table.insert(given, entry)
  else
    redis.call('ZREM', KEYS[2], id)
  end
end
return given
