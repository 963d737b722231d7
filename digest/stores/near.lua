-- Finds the sketches that share bands with each of those given, among those added before, and adds the given ones where that is
-- asked for. What is found for one given and what is added of it are one step: of two copies, the later one finds the earlier.
-- Every key lies in the workspace's slot.
--
-- KEYS  1 number of the last sketch added  then the bands of each period, the running one's first, then for each given: its sketch
-- ARGV  1 "1" to add, "0" to look only  2 seconds to keep  3 most candidates  4 most ids of one band  5 prefix of sketches
--       6 when the running period's bands expire, seconds since 1970  7 how many periods
--       then for each given: its id, 6 bytes; the sketch; its bands, 4 bytes each, at least one
-- Returns for each: the candidates' ids, each followed by its sketch, those that share the rarest bands first.
local adds, keep_s, most, crowd, sketches = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local expires, periods, running = ARGV[6], tonumber(ARGV[7]), KEYS[2]

-- The ids that hold each band, those of all periods in one string.
local function holders(fields, id)
  local found, news = {}, {}
  for p = 1, periods do
    for b, ids in ipairs(redis.call('HMGET', KEYS[1 + p], unpack(fields))) do
      ids = ids or ''
      if p == 1 and adds and not string.find(ids, id, 1, true) then
        news[#news + 1] = fields[b]
        news[#news + 1] = string.sub(ids .. id, -6 * crowd)
      end
      found[b] = (found[b] or '') .. ids
    end
  end
  if #news > 0 then
    redis.call('HSET', running, unpack(news))
    redis.call('EXPIREAT', running, expires)
  end
  return found
end

-- Candidates, the likeliest first. A band counts for as much as it is rare: lines that a publisher puts under everything say
-- little. One band in common is no sign where there are many: two words that often stand together.
local function candidates(bands, id)
  local fields, score, hits, order = {}, {}, {}, {}
  for b = 1, #bands, 4 do fields[#fields + 1] = string.sub(bands, b, b + 3) end
  for _, ids in ipairs(holders(fields, id)) do
    for at = 1, #ids, 6 do
      local other = string.sub(ids, at, at + 5)
      score[other] = (score[other] or 0) + 6 / #ids
      hits[other] = (hits[other] or 0) + 1
    end
  end
  local least = #fields >= 8 and 2 or 1
  for other in pairs(score) do
    if hits[other] >= least and other ~= id then order[#order + 1] = other end
  end
  table.sort(order, function(a, b) return score[a] > score[b] or (score[a] == score[b] and a < b) end)
  return order
end

-- The sketch's number, 6 bytes: as before where it is held and the same, else the next.
local function number(key, given)
  local held = redis.call('GET', key)
  if held and string.sub(held, 7) == given then
    if adds then redis.call('EXPIRE', key, keep_s) end
    return string.sub(held, 1, 6)
  end
  if not adds then return '\255' end
  local last = redis.call('INCR', KEYS[1])
  local high = math.floor(last / 4294967296)
  local packed = struct.pack('>I2I4', high, last - high * 4294967296)
  redis.call('SET', key, packed .. given, 'EX', keep_s)
  return packed
end

local answers = {}
for n = 1, #KEYS - 1 - periods do
  local at = 4 + 3 * n
  local id, given, found = ARGV[at + 1], ARGV[at + 2], {}
  local mine = number(KEYS[1 + periods + n], given)
  for _, other in ipairs(candidates(ARGV[at + 3], id)) do
    if #found >= 2 * most then break end
    local hex = string.format('%02x%02x%02x%02x%02x%02x', string.byte(other, 1, 6))
    local held = redis.call('GET', sketches .. hex)
    if held and string.sub(held, 1, 6) < mine then
      found[#found + 1] = other
      found[#found + 1] = string.sub(held, 7)
    end
  end
  answers[n] = found
end
return answers
