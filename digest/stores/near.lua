-- Finds the sketches that share bands with each of those given, among those added before, and adds the given ones where that is
-- asked for. What is found for one given and what is added of it are one step: of two copies, the later one finds the earlier.
-- Every key lies in the workspace's slot.
--
-- KEYS  1 number of the last sketch added  then the bands of each period, the running one's first
-- ARGV  1 "1" to add, "0" to look only  2 seconds to keep  3 most candidates  4 most ids of one band  5 prefix of sketches
--       6 when the running period's bands expire, seconds since 1970  7 how many periods
--       then each given in one: its id, 6 bytes; how many bands it has, 1 byte; these, 4 bytes each, at least one; the sketch
-- Returns for each: the candidates' ids, each followed by its sketch, those that share the rarest bands first.
local adds, keep_s, most, crowd, sketches = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local expires, periods, running = ARGV[6], tonumber(ARGV[7]), KEYS[2]
local count = #ARGV - 7

-- A call to the server costs more than what it does, so each is made for as many bands or sketches at once as Lua can pass on.
local SLAB = 2000
local call, sub, find = redis.call, string.sub, string.find

local function in_slabs(list, each)
  for from = 1, #list, SLAB do each(from, math.min(from + SLAB - 1, #list)) end
end

local function key_of(id)
  return sketches .. string.format('%02x%02x%02x%02x%02x%02x', string.byte(id, 1, 6))
end

-- The bands of each given, and every band once.
local function read_bands()
  local of, all, size, seen = {}, {}, 0, {}
  for n = 1, count do
    local given, fields = ARGV[7 + n], {}
    for b = 1, string.byte(given, 7) do
      local band = sub(given, 4 * b + 4, 4 * b + 7)
      fields[b] = band
      if not seen[band] then
        seen[band], size = true, size + 1
        all[size] = band
      end
    end
    of[n] = fields
  end
  return of, all
end

-- The ids that hold each of ``bands``: those of the running period, and those of all others in one string.
local function read_holders(bands)
  local now, before = {}, {}
  for p = 1, periods do
    local key = KEYS[1 + p]
    if call('EXISTS', key) == 1 then
      in_slabs(bands, function(from, to)
        local found = call('HMGET', key, unpack(bands, from, to))
        for b = from, to do
          local band, ids = bands[b], found[b - from + 1]
          if ids and p == 1 then
            now[band] = ids
          elseif ids then
            before[band] = (before[band] or '') .. ids
          end
        end
      end)
    end
  end
  return now, before
end

-- The key of each given, and what is held there, by key.
local function read_sketches()
  local found, keys = {}, {}
  for n = 1, count do keys[n] = key_of(ARGV[7 + n]) end
  in_slabs(keys, function(from, to)
    for at, held in ipairs(call('MGET', unpack(keys, from, to))) do found[keys[from + at - 1]] = held end
  end)
  return keys, found
end

local bands_of, bands = read_bands()
local now, before = read_holders(bands)
local keys, sketch_of = read_sketches()
local changed, changes, pairs_of = {}, 0, {}  -- of the running period: where each band stands in what is to be written

-- Adds ``id`` to the running period's holders of ``band``.
local function add(band, id)
  local ids = now[band]
  if ids and find(ids, id, 1, true) then return end
  ids = ids and sub(ids .. id, -6 * crowd) or id
  now[band] = ids
  local place = changed[band]
  if not place then
    place, changes = changes, changes + 2
    changed[band] = place
    pairs_of[place + 1] = band
  end
  pairs_of[place + 2] = ids
end

-- Candidates, the likeliest first, before the given one is added. A band counts for as much as it is rare: lines that a publisher
-- puts under everything say little. One band in common is no sign where there are many: two words that often stand together.
local function candidates(fields, id)
  local score, hits, order = nil, nil, {}
  for b = 1, #fields do
    local band = fields[b]
    local ids, older = now[band], before[band]
    if older then ids = (ids or '') .. older end
    if ids and ids ~= id then
      if not score then score, hits = {}, {} end
      for at = 1, #ids, 6 do
        local other = sub(ids, at, at + 5)
        score[other] = (score[other] or 0) + 6 / #ids
        hits[other] = (hits[other] or 0) + 1
      end
    end
    if adds then add(band, id) end
  end
  if not score then return order end
  local least = #fields >= 8 and 2 or 1
  for other in pairs(score) do
    if hits[other] >= least and other ~= id then order[#order + 1] = other end
  end
  table.sort(order, function(a, b) return score[a] > score[b] or (score[a] == score[b] and a < b) end)
  return order
end

-- The sketch's number, 6 bytes: as before where it is held and the same, else the next.
local function number(key, given)
  local held = sketch_of[key]
  if held and sub(held, 7) == given then
    if adds then call('EXPIRE', key, keep_s) end
    return sub(held, 1, 6)
  end
  if not adds then return '\255' end
  local last = call('INCR', KEYS[1])
  local high = math.floor(last / 4294967296)
  held = struct.pack('>I2I4', high, last - high * 4294967296) .. given
  sketch_of[key] = held
  call('SET', key, held, 'EX', keep_s)
  return sub(held, 1, 6)
end

local answers = {}
for n = 1, count do
  local given, found = ARGV[7 + n], {}
  local id = sub(given, 1, 6)
  local mine = number(keys[n], sub(given, 8 + 4 * #bands_of[n]))
  for _, other in ipairs(candidates(bands_of[n], id)) do
    if #found >= 2 * most then break end
    local held = call('GET', key_of(other))
    if held and sub(held, 1, 6) < mine then
      found[#found + 1] = other
      found[#found + 1] = sub(held, 7)
    end
  end
  answers[n] = found
end
if changes > 0 then
  in_slabs(pairs_of, function(from, to) call('HSET', running, unpack(pairs_of, from, to)) end)
  call('EXPIREAT', running, expires)
end
return answers
