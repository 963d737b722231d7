-- Remembers a vote in place of the one of its field, or takes that back, and lets go of the oldest beyond what is kept. Both keys lie
-- in the workspace's slot.
--
-- KEYS  1 votes:of:CHANNEL  2 votes:at:CHANNEL
-- ARGV  1 field  2 the vote, empty to take it back  3 when, ms  4 votes to keep  5 seconds to keep them
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
  local over = redis.call('ZCARD', KEYS[2]) - ARGV[4]
  if over > 0 then
    local popped = redis.call('ZPOPMIN', KEYS[2], over)
    for n = 1, #popped, 2 do redis.call('HDEL', KEYS[1], popped[n]) end
  end
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
return redis.call('ZCARD', KEYS[2])
