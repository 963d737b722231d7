-- Puts a store that was built beside the one in use into its place, at once: a reader sees the one or the other, and a program
-- that is killed leaves the one or the other. Every key lies in the workspace's slot.
--
-- KEYS  1 rebuild  2 dated  3 changed  4 epoch  then what was read, of the store built beside
-- ARGV  1 token  2 prefix in use  3 prefix beside  4 number of the last change when the keys in use were listed
--       then every article, text and what was read of the store in use, as listed
-- Returns how many articles the store has now, and how many it had that are no longer among them; nothing where another
-- rebuild was begun since.
local rebuild, dated, changed, epoch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local token, in_use, beside, listed_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', rebuild) ~= token then return {} end

local forgotten = redis.call('ZCARD', dated) - redis.call('ZINTERCARD', 2, dated, beside .. 'dated')

-- What was put while the keys were listed: its articles, its texts, and that its sources were read.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', changed, '(' .. listed_at, '+inf')) do
  local article = in_use .. 'article:' .. id
  for _, field in ipairs(redis.call('HKEYS', article)) do
    local source = string.match(field, '^d:(%x+)\31')
    if source then redis.call('UNLINK', in_use .. 'read:' .. source) end
  end
  local text = redis.call('HGET', article, 'text')
  if text then redis.call('UNLINK', in_use .. 'text:' .. text) end
  redis.call('UNLINK', article)
end
for n = 5, #ARGV, 1000 do redis.call('UNLINK', unpack(ARGV, n, math.min(n + 999, #ARGV))) end
for _, set in ipairs({'dated', 'collected', 'changed', 'unassessed', 'sequence'}) do
  redis.call('UNLINK', in_use .. set)
  if redis.call('EXISTS', beside .. set) == 1 then redis.call('RENAME', beside .. set, in_use .. set) end
end
redis.call('UNLINK', epoch)  -- whoever follows the store starts over

local ids = redis.call('ZRANGE', dated, 0, -1)
for _, id in ipairs(ids) do
  local article = in_use .. 'article:' .. id
  if redis.call('EXISTS', beside .. 'article:' .. id) == 1 then
    redis.call('RENAME', beside .. 'article:' .. id, article)
    local text = redis.call('HGET', article, 'text')
    if text and redis.call('EXISTS', beside .. 'text:' .. text) == 1 then
      redis.call('RENAME', beside .. 'text:' .. text, in_use .. 'text:' .. text)
    end
  end
end
for n = 5, #KEYS do
  if redis.call('EXISTS', KEYS[n]) == 1 then redis.call('RENAME', KEYS[n], in_use .. string.sub(KEYS[n], #beside + 1)) end
end
redis.call('DEL', rebuild)
return {#ids, forgotten}
