-- Stores documents under their canonical URLs, each whole or not at all. This script is the one place that decides which of
-- several writers was first, with a URL and with a text. Every key lies in the workspace's slot.
--
-- KEYS  1 dated  2 collected  3 changed  4 unassessed  5 sequence  6 read
-- ARGV  1 seconds to keep  2 now, ms  3 prefix of the workspace  4 most documents of one article  5 digest of the source
--       then for each document: what is said of it, and the document itself. Said of it, parted by spaces: article id,
--       revision, stamp, dated in ms, "1" where a field is missing else "0", fingerprint, id of an article of which the text is
--       nearly a copy; "-" stands for nothing; last comes the origin's key, which may hold anything.
-- Returns for each document "outcome" or "outcome id", the id of another article with the same text.
--
-- A call to the server costs more than what it does: what stands in keys that all documents share is read once before them, and
-- written once after them.
local dated, collected, changed, unassessed, sequence, read = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local keep_s, now, prefix, most, source = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local call, match, sub = redis.call, string.match, string.sub

-- What was read of the source, of the keys given, and what is to be written of it. What is to be written of articles: their dates,
-- whether they lack a field, those that were put, and those that changed, in that order.
local remembered, said_of, reads = {}, {}, {}
local dates, lacking, put_ids, order = {}, {}, {}, {}

-- Lua passes on at most some 8,000 values.
local function in_slabs(list, each)
  for from = 1, #list, 2000 do each(unpack(list, from, math.min(from + 1999, #list))) end
end

local function add(list, first, second)
  local size = #list
  list[size + 1], list[size + 2] = first, second
end

local function write(command, key, list)
  in_slabs(list, function(...) call(command, key, ...) end)
end

local function write_all()
  local at, got, waits, whole, numbers = {}, {}, {}, {}, {}
  for _, id in ipairs(put_ids) do
    add(got, now, id)
    if dates[id] then
      add(at, dates[id], id)
      if lacking[id] then add(waits, now, id) else whole[#whole + 1] = id end
      dates[id] = nil
    end
  end
  if #order > 0 then
    local before = call('INCRBY', sequence, #order) - #order
    for n, id in ipairs(order) do add(numbers, before + n, id) end
  end
  write('ZADD', dated, at)
  write('ZADD', collected, got)
  write('ZADD', changed, numbers)
  write('ZADD', unassessed, waits)
  write('ZREM', unassessed, whole)
  put_ids, order = {}, {}
end

local function documents(article)
  local found = {}
  for _, field in ipairs(call('HKEYS', article)) do
    if sub(field, 1, 2) == 'd:' then table.insert(found, field) end
  end
  table.sort(found)
  return found
end

local function change(id)
  order[#order + 1] = id
end

-- A document that now tells of another address leaves its old article; an article that nobody tells of any more is gone.
local function leave(id, field)
  local article = prefix .. 'article:' .. id
  if call('HDEL', article, field) == 0 then return end
  if call('HGET', article, 'lead') ~= field then return change(id) end
  local rest = documents(article)
  if #rest > 0 then
    call('HSET', article, 'lead', rest[1])
    return change(id)
  end
  write_all()  -- it may be among them
  call('DEL', article)
  for _, set in ipairs({dated, collected, changed, unassessed}) do call('ZREM', set, id) end
end

local function is_read(from, key)
  if from == source and remembered[key] ~= nil then return remembered[key] end
  return call('HEXISTS', prefix .. 'read:' .. from, key) == 1
end

-- Documents whose file is no longer there were moved, most likely to where this one comes from.
local function drop_moved(article, lead)
  local moved, kept = false, 0
  for _, field in ipairs(documents(article)) do
    local from, key = match(field, '^d:(%x+)\31(.*)$')
    if from and not is_read(from, key) then
      call('HDEL', article, field)
      moved = moved or field == lead
    else
      kept = kept + 1
    end
  end
  return moved, kept
end

-- The id of the article that another one's text is a copy of, or that one's own.
local function original(id)
  local same = call('HGET', prefix .. 'article:' .. id, 'same')
  return same and same ~= '' and same or id
end

-- The id of the first article with this text, or nearly, where that is another one. ``before``: the fingerprint it had.
local function same_text(id, before, fingerprint, near)
  if before and before ~= fingerprint and call('GET', prefix .. 'text:' .. before) == id then
    call('DEL', prefix .. 'text:' .. before)
  end
  if near ~= '-' then  -- whoever finds copies knows the order in which they came, whichever is put first
    local first = original(near)
    if first ~= id then return first end
  end
  if fingerprint == '-' then return '' end
  local text = prefix .. 'text:' .. fingerprint
  local first = call('SET', text, id, 'EX', keep_s, 'NX', 'GET')
  if not first then return '' end
  if first ~= id and call('EXISTS', prefix .. 'article:' .. first) == 1 then return first end
  call('SET', text, id, 'EX', keep_s)
  return ''
end

local function put(said, document)
  local id, revision, stamp, at, missing, fingerprint, near, key =
    match(said, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  local article, field = prefix .. 'article:' .. id, 'd:' .. source .. '\31' .. key
  local held, lead, same, text, judged = unpack(call('HMGET', article, field, 'lead', 'same', 'text', 'judged'), 1, 5)
  local known = remembered[key]
  remembered[key] = id
  said_of[key] = revision .. ' ' .. stamp .. ' ' .. id
  if held and string.find(held, '"revision":"' .. revision .. '"', 1, true) then return 'unchanged ' .. (same or '') end
  if known and known ~= id then leave(known, field) end

  local outcome, room = 'new', true
  if held then
    outcome = 'updated'
  elseif lead then
    local moved, kept = drop_moved(article, lead)
    outcome = moved and 'updated' or 'duplicate'
    if moved then lead = field end
    room = kept < most
  end
  local fields = {}
  if not lead or lead == field then
    same = same_text(id, text, fingerprint, near)
    fields = {'lead', field, 'same', same, 'text', fingerprint}
    if judged then call('HDEL', article, 'judged') end
    dates[id], lacking[id] = at, missing == '1'
  end
  if room then add(fields, field, document) end
  if #fields > 0 then call('HSET', article, unpack(fields)) end
  call('EXPIRE', article, keep_s)
  put_ids[#put_ids + 1] = id
  change(id)
  return outcome .. ' ' .. (same or '')
end

local keys, answers = {}, {}
for n = 6, #ARGV, 2 do
  local key = match(ARGV[n], '^%S+ %S+ %S+ %S+ %S+ %S+ %S+ (.*)$')
  if remembered[key] == nil then
    remembered[key] = false
    keys[#keys + 1] = key
  end
end
in_slabs(keys, function(...)
  local asked = {...}
  for n, value in ipairs(call('HMGET', read, ...)) do
    remembered[asked[n]] = value and match(value, '(%S+)$') or false
  end
end)
for n = 6, #ARGV, 2 do answers[#answers + 1] = put(ARGV[n], ARGV[n + 1]) end
for _, key in ipairs(keys) do add(reads, key, said_of[key]) end
write('HSET', read, reads)
write_all()
return answers
