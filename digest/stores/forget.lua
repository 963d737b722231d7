-- Takes articles out that no document tells of any more, as far as is remembered of what was read: one that was put again
-- meanwhile is remembered, and stays. Every key lies in the workspace's slot.
--
-- KEYS  1 rebuild  2 dated  3 collected  4 changed  5 unassessed
-- ARGV  1 token  2 prefix in use  then the ids
-- Returns how many of them were held; -1 where another rebuild was begun since, and then nothing was done.
local in_use = ARGV[2]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end

local function read(article, id)
  for _, field in ipairs(redis.call('HKEYS', article)) do
    local source, key = string.match(field, '^d:(%x+)\31(.*)$')
    local known = source and redis.call('HGET', in_use .. 'read:' .. source, key)
    if known and string.match(known, '(%S+)$') == id then return true end
  end
  return false
end

local held = 0
for n = 3, #ARGV do
  local id = ARGV[n]
  local article = in_use .. 'article:' .. id
  if not read(article, id) then
    local text = redis.call('HGET', article, 'text')
    if text and redis.call('GET', in_use .. 'text:' .. text) == id then redis.call('UNLINK', in_use .. 'text:' .. text) end
    redis.call('UNLINK', article)
    held = held + redis.call('ZREM', KEYS[2], id)
    for set = 3, 5 do redis.call('ZREM', KEYS[set], id) end
  end
end
return held
