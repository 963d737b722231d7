-- Moves articles from a store that was built beside the one in use into it, each whole, in the place of what was there under its
-- id. After every call the store in use is a complete one, with some articles of the one and some of the other. Every key lies
-- in the workspace's slot.
--
-- KEYS  1 rebuild  2 changed  3 unassessed  4 sequence
-- ARGV  1 token  2 prefix in use  3 prefix beside  then the ids
-- Returns 1; 0 where another rebuild was begun since, and then nothing was done.
local rebuild, changed, unassessed, sequence = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, in_use, beside = ARGV[1], ARGV[2], ARGV[3]
if redis.call('GET', rebuild) ~= token then return 0 end

local function move(id)
  local from, to = beside .. 'article:' .. id, in_use .. 'article:' .. id
  local text = redis.call('HGET', from, 'text')
  if not text then return end
  local before = redis.call('HGET', to, 'text')
  if before and before ~= text and redis.call('GET', in_use .. 'text:' .. before) == id then
    redis.call('UNLINK', in_use .. 'text:' .. before)
  end
  redis.call('UNLINK', to)
  redis.call('RENAME', from, to)
  if redis.call('EXISTS', beside .. 'text:' .. text) == 1 then
    redis.call('RENAME', beside .. 'text:' .. text, in_use .. 'text:' .. text)
  end
  for _, set in ipairs({'dated', 'collected'}) do
    redis.call('ZADD', in_use .. set, redis.call('ZSCORE', beside .. set, id), id)
  end
  redis.call('ZADD', changed, redis.call('INCR', sequence), id)
  local waits = redis.call('ZSCORE', beside .. 'unassessed', id)
  if waits then redis.call('ZADD', unassessed, waits, id) else redis.call('ZREM', unassessed, id) end
end

for n = 4, #ARGV do move(ARGV[n]) end
return 1
