-- Remembers a publication in place of what was, and holds it on, while its caller holds it. All keys lie in the workspace's slot.
--
-- KEYS  1 publication:NAME  2 publication:lease:NAME  3 publications  4 publications:open
-- ARGV  1 token  2 lease in ms  3 the publication  4 seconds to keep it  5 its name  6 when it is due, seconds  7 1 where it is closed
-- Returns 1; 0 where another holds it, and then nothing was done.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[5])
if ARGV[7] == '1' then redis.call('ZREM', KEYS[4], ARGV[5]) else redis.call('ZADD', KEYS[4], ARGV[6], ARGV[5]) end
return 1
