-- Gives out entries that are due, and nobody else gets them before the lease is over. Every key lies in the workspace's slot.
--
-- KEYS  1 candidates  2 candidates:due
-- ARGV  1 now, ms  2 end of the lease, ms  3 how many at most  4… of these only, where any are named
-- Returns the entries, the longest due first; those that are named, in their order.
local due = {}
if ARGV[4] then
  for i = 4, #ARGV do
    local at = redis.call('ZSCORE', KEYS[2], ARGV[i])
    if at and tonumber(at) <= tonumber(ARGV[1]) and #due < tonumber(ARGV[3]) then
      table.insert(due, ARGV[i])
    end
  end
else
  due = redis.call('ZRANGE', KEYS[2], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
end
local given = {}
for _, id in ipairs(due) do
  local entry = redis.call('HGET', KEYS[1], id)
  if entry then
    redis.call('ZADD', KEYS[2], ARGV[2], id)
    table.insert(given, entry)
  else
    redis.call('ZREM', KEYS[2], id)
  end
end
return given
