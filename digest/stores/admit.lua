-- Takes in entries that nobody has seen yet. Every key lies in the workspace's slot.
--
-- KEYS  1 candidates  2 candidates:due  then for each entry: article, seen
-- ARGV  1 now, ms  2 seconds to remember what was seen  then for each entry: its id, and itself
-- Returns for each "new", "waiting", "seen" or "held".
local answers = {}
for n = 1, (#KEYS - 2) / 2 do
  local article, seen, id, entry = KEYS[1 + 2 * n], KEYS[2 + 2 * n], ARGV[1 + 2 * n], ARGV[2 + 2 * n]
  if redis.call('EXPIRE', seen, ARGV[2]) == 1 then
    answers[n] = 'seen'
  elseif redis.call('EXISTS', article) == 1 then
    answers[n] = 'held'
  elseif redis.call('HSETNX', KEYS[1], id, entry) == 1 then
    redis.call('ZADD', KEYS[2], ARGV[1], id)
    answers[n] = 'new'
  else
    answers[n] = 'waiting'
  end
end
return answers
