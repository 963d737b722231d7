-- Finds the sketches that share bands with each of those given, among those added before, and adds the given ones where that is
-- asked for. What is found for one given and what is added of it are one step: of two copies, the later one finds the earlier.
-- Every key lies in the workspace's slot.
--
-- KEYS  1 number of the last sketch added  then for each sketch given: the sketch
-- ARGV  1 "1" to add, "0" to look only  2 seconds to keep  3 most candidates  4 most ids of one band  5 prefix of sketches
--       6 when the running period's bands expire, seconds since 1970  7 how many prefixes of bands follow: the running period's
--       first, then those of the periods before  then for each sketch given: its id, 6 bytes; the sketch; its bands, 4 bytes each
-- Returns for each: the candidates' ids, each followed by its sketch, those that share the rarest bands first.
local adds, keep_s, most, crowd, sketches = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local expires, periods = ARGV[6], tonumber(ARGV[7])

-- Ids that share a band count for as much as the band is rare: lines that every text of a publisher ends with say little.
local function count(bucket, field, id, score, hits)
  local found = {}
  for p = 1, periods do
    local ids = redis.call('HGET', ARGV[7 + p] .. bucket, field)
    if p == 1 and adds then
      if not ids then
        redis.call('HSET', ARGV[8] .. bucket, field, id)
        redis.call('EXPIREAT', ARGV[8] .. bucket, expires)
      elseif not string.find(ids, id, 1, true) then
        redis.call('HSET', ARGV[8] .. bucket, field, string.sub(ids .. id, -6 * crowd))
      end
    end
    if ids then
      for at = 1, #ids, 6 do found[string.sub(ids, at, at + 5)] = true end
    end
  end
  found[id] = nil
  local crowded = 0
  for _ in pairs(found) do crowded = crowded + 1 end
  for other in pairs(found) do
    score[other] = (score[other] or 0) + 1 / crowded
    hits[other] = (hits[other] or 0) + 1
  end
end

-- The number of the sketch: as before where it is known and the same, else the next.
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

local function hex(id)
  return (string.gsub(id, '.', function(c) return string.format('%02x', string.byte(c)) end))
end

local answers = {}
for n = 1, #KEYS - 1 do
  local at = 7 + periods + 3 * (n - 1)
  local id, given, bands = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local mine = number(KEYS[1 + n], given)
  local score, hits, order, found = {}, {}, {}, {}
  for b = 1, #bands, 4 do
    count(string.format('%02x', string.byte(bands, b)), string.sub(bands, b + 1, b + 3), id, score, hits)
  end
  -- One band in common is no sign where there are many: two words that often stand together.
  local least = #bands >= 32 and 2 or 1
  for other in pairs(score) do
    if hits[other] >= least then order[#order + 1] = other end
  end
  table.sort(order, function(a, b) return score[a] > score[b] or (score[a] == score[b] and a < b) end)
  for _, other in ipairs(order) do
    if #found >= 2 * most then break end
    local held = redis.call('GET', sketches .. hex(other))
    if held and string.sub(held, 1, 6) < mine then
      found[#found + 1] = other
      found[#found + 1] = string.sub(held, 7)
    end
  end
  answers[n] = found
end
return answers
