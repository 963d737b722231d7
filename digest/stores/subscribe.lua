-- Stores or ends a channel's subscription and records the change, if it is still as it was read. Both keys lie in the workspace's
-- slot.
--
-- KEYS  1 subscriptions  2 subscription:changes:CHANNEL
-- ARGV  1 channel  2 as it was read, empty for none  3 as it shall be, empty for none  4 the change  5 changes to keep
-- Returns 1; 0 where it was changed meanwhile, and then nothing was done.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('LPUSH', KEYS[2], ARGV[4])
redis.call('LTRIM', KEYS[2], 0, ARGV[5] - 1)
return 1
