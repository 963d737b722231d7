-- Stores documents under their canonical URLs, each whole or not at all. This script is the one place that decides which of
-- several writers was first, with a URL and with a text. Every key lies in the workspace's slot.
--
-- KEYS  1 dated  2 collected  3 changed  4 unassessed  5 sequence  6 read  then for each document: article, text
-- ARGV  1 seconds to keep  2 now, ms  3 prefix of the workspace  4 most documents of one article  5 digest of the source
--       then for each document: what is said of it, and the document itself. Said of it, parted by spaces: article id,
--       revision, stamp, dated in ms, "1" where a field is missing else "0", fingerprint, id of an article of which the text is
--       nearly a copy; "-" stands for nothing; last comes the origin's key, which may hold anything.
-- Returns for each document "outcome" or "outcome id", the id of another article with the same text.
local dated, collected, changed, unassessed, sequence, read = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local keep_s, now, prefix, most, source = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]

local function documents(article)
  local found = {}
  for _, field in ipairs(redis.call('HKEYS', article)) do
    if string.sub(field, 1, 2) == 'd:' then table.insert(found, field) end
  end
  table.sort(found)
  return found
end

local function change(id)
  redis.call('ZADD', changed, redis.call('INCR', sequence), id)
end

-- A document that now tells of another address leaves its old article; an article that nobody tells of any more is gone.
local function leave(id, field)
  local article = prefix .. 'article:' .. id
  if redis.call('HDEL', article, field) == 0 then return end
  if redis.call('HGET', article, 'lead') ~= field then return change(id) end
  local rest = documents(article)
  if #rest > 0 then
    redis.call('HSET', article, 'lead', rest[1])
    return change(id)
  end
  redis.call('DEL', article)
  for _, set in ipairs({dated, collected, changed, unassessed}) do redis.call('ZREM', set, id) end
end

-- Documents whose file is no longer there were moved, most likely to where this one comes from.
local function drop_moved(article, lead)
  local moved, kept = false, 0
  for _, field in ipairs(documents(article)) do
    local from, key = string.match(field, '^d:(%x+)\31(.*)$')
    if from and redis.call('HEXISTS', prefix .. 'read:' .. from, key) == 0 then
      redis.call('HDEL', article, field)
      moved = moved or field == lead
    else
      kept = kept + 1
    end
  end
  return moved, kept
end

-- The id of the article that another one's text is a copy of, or that one's own.
local function original(id)
  local same = redis.call('HGET', prefix .. 'article:' .. id, 'same')
  return same and same ~= '' and same or id
end

-- The id of the first article with this text, or nearly, where that is another one.
local function same_text(article, text, id, fingerprint, near)
  local before = redis.call('HGET', article, 'text')
  if before and before ~= fingerprint and redis.call('GET', prefix .. 'text:' .. before) == id then
    redis.call('DEL', prefix .. 'text:' .. before)
  end
  if near ~= '-' then  -- whoever finds copies knows the order in which they came, whichever is put first
    local first = original(near)
    if first ~= id then return first end
  end
  if fingerprint == '-' then return '' end
  local first = redis.call('GET', text)
  if first and first ~= id and redis.call('EXISTS', prefix .. 'article:' .. first) == 1 then return first end
  redis.call('SET', text, id, 'EX', keep_s)
  return ''
end

local function put(article, text, said, document)
  local id, revision, stamp, at, missing, fingerprint, near, key =
    string.match(said, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  local field = 'd:' .. source .. '\31' .. key
  local held = redis.call('HGET', article, field)
  local remembered = redis.call('HGET', read, key)
  redis.call('HSET', read, key, revision .. ' ' .. stamp .. ' ' .. id)
  if held and string.find(held, '"revision":"' .. revision .. '"', 1, true) then
    return 'unchanged ' .. (redis.call('HGET', article, 'same') or '')
  end
  local before = remembered and string.match(remembered, '(%S+)$')
  if before and before ~= id then leave(before, field) end

  local outcome, room = 'new', true
  local lead = redis.call('HGET', article, 'lead')
  if held then
    outcome = 'updated'
  elseif lead then
    local moved, kept = drop_moved(article, lead)
    outcome = moved and 'updated' or 'duplicate'
    if moved then lead = field end
    room = kept < most
  end
  local same
  if not lead or lead == field then
    same = same_text(article, text, id, fingerprint, near)
    redis.call('HSET', article, 'lead', field, 'same', same, 'text', fingerprint)
    redis.call('HDEL', article, 'judged')
    redis.call('ZADD', dated, at, id)
    redis.call(missing == '1' and 'ZADD' or 'ZREM', unassessed, unpack(missing == '1' and {now, id} or {id}))
  else
    same = redis.call('HGET', article, 'same') or ''
  end
  if room then redis.call('HSET', article, field, document) end
  redis.call('EXPIRE', article, keep_s)
  redis.call('ZADD', collected, now, id)
  change(id)
  return outcome .. ' ' .. same
end

local answers = {}
for n = 1, (#KEYS - 6) / 2 do
  answers[n] = put(KEYS[5 + 2 * n], KEYS[6 + 2 * n], ARGV[4 + 2 * n], ARGV[5 + 2 * n])
end
return answers
