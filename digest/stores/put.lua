-- Stores one document under its canonical URL, whole or not at all: this script is the one place that decides which of several
-- writers was first, with a URL and with a text. Every key lies in the workspace's slot.
--
-- KEYS  1 article  2 text  3 dated  4 collected  5 changed  6 unassessed  7 sequence  8 read
-- ARGV  1 id  2 field of the document  3 origin's key  4 revision  5 stamp  6 document  7 seconds to keep  8 dated, ms
--       9 now, ms  10 "1" where a field is missing  11 fingerprint or ""  12 prefix of the workspace  13 most documents kept
-- Returns {outcome, id of the article with the same text or ""}.
local article, id, field = KEYS[1], ARGV[1], ARGV[2]

-- A document that now tells of another address leaves its old article; an article that nobody tells of any more is gone.
local function leave(other)
  local key = ARGV[12] .. 'article:' .. other
  if redis.call('HDEL', key, field) == 0 then return end
  if redis.call('HGET', key, 'lead') ~= field then return end
  local rest = {}
  for _, f in ipairs(redis.call('HKEYS', key)) do
    if string.sub(f, 1, 2) == 'd:' then table.insert(rest, f) end
  end
  if #rest == 0 then
    redis.call('DEL', key)
    for i = 3, 6 do redis.call('ZREM', KEYS[i], other) end
  else
    table.sort(rest)
    redis.call('HSET', key, 'lead', rest[1])
    redis.call('ZADD', KEYS[5], redis.call('INCR', KEYS[7]), other)
  end
end

-- Documents whose file is no longer there were moved, most likely to where this one comes from.
local function drop_moved(lead)
  local moved, kept = false, 0
  for _, f in ipairs(redis.call('HKEYS', article)) do
    if string.sub(f, 1, 2) == 'd:' then
      local source, key = string.match(f, '^d:(%x+)\31(.*)$')
      if source and redis.call('HEXISTS', ARGV[12] .. 'read:' .. source, key) == 0 then
        redis.call('HDEL', article, f)
        moved = moved or f == lead
      else
        kept = kept + 1
      end
    end
  end
  return moved, kept
end

local lead = redis.call('HGET', article, 'lead')
local held = redis.call('HGET', article, field)
local remembered = redis.call('HGET', KEYS[8], ARGV[3])
redis.call('HSET', KEYS[8], ARGV[3], ARGV[4] .. ' ' .. ARGV[5] .. ' ' .. id)
if held and string.find(held, '"revision":"' .. ARGV[4] .. '"', 1, true) then
  return {'unchanged', redis.call('HGET', article, 'same') or ''}
end
local before = remembered and string.match(remembered, '(%S+)$')
if before and before ~= id then leave(before) end

local outcome, keep = 'new', true
if held then
  outcome = 'updated'
elseif lead then
  local moved, kept = drop_moved(lead)
  outcome = moved and 'updated' or 'duplicate'
  if moved then lead = field end
  keep = kept < tonumber(ARGV[13])
end
lead = lead or field

local same = redis.call('HGET', article, 'same') or ''
if lead == field then
  local before = redis.call('HGET', article, 'text')
  if before and before ~= ARGV[11] and redis.call('GET', ARGV[12] .. 'text:' .. before) == id then
    redis.call('DEL', ARGV[12] .. 'text:' .. before)
  end
  same = ''
  if ARGV[11] ~= '' then
    local first = redis.call('GET', KEYS[2])
    if first and first ~= id and redis.call('EXISTS', ARGV[12] .. 'article:' .. first) == 1 then
      same = first
    else
      redis.call('SET', KEYS[2], id, 'EX', ARGV[7])
    end
  end
  redis.call('HSET', article, 'lead', field, 'same', same, 'text', ARGV[11])
  redis.call('HDEL', article, 'judged')
  redis.call('ZADD', KEYS[3], ARGV[8], id)
  if ARGV[10] == '1' then redis.call('ZADD', KEYS[6], ARGV[9], id) else redis.call('ZREM', KEYS[6], id) end
end
if keep then redis.call('HSET', article, field, ARGV[6]) end
redis.call('EXPIRE', article, ARGV[7])
redis.call('ZADD', KEYS[4], ARGV[9], id)
redis.call('ZADD', KEYS[5], redis.call('INCR', KEYS[7]), id)
return {outcome, same}
