"""The steps that Redis takes as one, in Lua: on its own clock, and in the same whole numbers as `windows` has.

A script reads all it needs before it writes, so that a key of a wrong type stops it with nothing done. Numbers are
doubles there: whole ones are exact up to 2**53, which times in microseconds stay below until the year 2255.
"""

import hashlib
from typing import Final

CLOCK: Final = "redis.call('TIME')"

SLICED: Final = """
local time = @CLOCK@
local now = time[1] * 1000000 + time[2]
local floor, DAY, MOST = math.floor, 86400000000, 9007199254740991

local function whole(number) return string.format('%.0f', number) end

-- Days of the proleptic Gregorian calendar, with years that begin in March, so that the leap day is the last.
local function month_of(moment)
  local day = floor(moment / DAY) + 719468
  local era = floor(day / 146097)
  local doe = day - era * 146097
  local yoe = floor((doe - floor(doe / 1460) + floor(doe / 36524) - floor(doe / 146096)) / 365)
  local march = floor((5 * (doe - 365 * yoe - floor(yoe / 4) + floor(yoe / 100)) + 2) / 153)
  return (yoe + era * 400) * 12 + march + 2
end

local function month_opens(index)
  local year, march = floor((index - 2) / 12), (index - 2) % 12
  local era = floor(year / 400)
  local yoe = year - era * 400
  local doe = 365 * yoe + floor(yoe / 4) - floor(yoe / 100) + floor((153 * march + 2) / 5)
  return (era * 146097 + doe - 719468) * DAY
end

local function index_of(frame, moment)
  if frame.width == 0 then return month_of(moment) end
  return floor((moment + frame.offset) / frame.width)
end

local function opens(frame, index)
  if frame.width == 0 then return month_opens(index) end
  return index * frame.width - frame.offset
end
"""

RESERVE: Final = (
    SLICED
    + """
local function read_slices(key, frame)
  local kept, state = redis.call('HGETALL', key), {used = 0, slices = {}, dead = {}, issued = 0}
  local found = {}
  for at = 1, #kept, 2 do
    local field, value = tonumber(kept[at]), tonumber(kept[at + 1])
    if kept[at] == 'newest' then state.newest = value
    elseif kept[at] == 'issued' then state.issued = value or 0
    elseif field and value then found[#found + 1] = {field, value}
    else state.dead[#state.dead + 1] = kept[at] end
  end
  state.index = index_of(frame, now)
  if state.newest and state.newest > state.index then
    if state.newest - state.index > frame.span then
      state.wipe, state.newest, found = true, nil, {}
    else
      state.index = state.newest
    end
  end
  if state.newest ~= state.index then state.issued = 0 end
  for _, slice in ipairs(found) do
    if slice[1] > state.index - frame.span and slice[1] <= state.index then
      state.slices[#state.slices + 1] = slice
      state.used = state.used + slice[2]
    else
      state.dead[#state.dead + 1] = whole(slice[1])
    end
  end
  table.sort(state.slices, function(one, other) return one[1] < other[1] end)
  return state
end

local function read_places(key)
  local state = {used = -(tonumber(redis.call('ZSCORE', key, 'total') or 0) or 0), dead = {}, added = {}}
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, 0, whole(now))) do
    state.dead[#state.dead + 1] = member
    state.used = state.used - (tonumber(string.match(member, ':(%d+)$')) or 0)
  end
  state.used = math.max(0, state.used)
  return state
end

local function wait_for_slices(state, frame, freed)
  if frame.span == 1 then return opens(frame, state.index + 1) end
  local leaving, last = 0, nil
  for _, slice in ipairs(state.slices) do
    if slice[2] > 0 then
      leaving, last = leaving + slice[2], slice[1] + frame.span
      if leaving >= freed then break end
    end
  end
  return last and opens(frame, last) or now
end

-- Places are given back in the order of their ends; what this call holds itself ends last.
local function wait_for_places(key, state, frame, freed)
  local kept = redis.call('ZRANGEBYSCORE', key, '(' .. whole(now), '+inf', 'WITHSCORES', 'LIMIT', 0, freed)
  local leaving, last = 0, now
  for at = 1, #kept, 2 do
    leaving, last = leaving + (tonumber(string.match(kept[at], ':(%d+)$')) or 0), tonumber(kept[at + 1])
    if leaving >= freed then return last end
  end
  return #state.added > 0 and now + frame.span or last
end

local claims, states, over = {}, {}, -1
for at, key in ipairs(KEYS) do
  local from = at * 6 - 5
  local claim = {key = key, limit = tonumber(ARGV[from]), amount = tonumber(ARGV[from + 1]), name = ARGV[from + 5]}
  claim.frame = {
    width = tonumber(ARGV[from + 2]), span = tonumber(ARGV[from + 3]), offset = tonumber(ARGV[from + 4])
  }
  states[key] = states[key] or (claim.frame.width < 0 and read_places(key) or read_slices(key, claim.frame))
  claim.state, claim.before = states[key], states[key].used
  claims[at] = claim
end

for at, claim in ipairs(claims) do
  local state, amount = claim.state, claim.amount
  if amount > 0 and amount > claim.limit - state.used then
    over = at - 1
    break
  end
  state.used = state.used + amount
  claim.taken = true
  if claim.frame.width >= 0 then
    claim.receipt = whole(state.index) .. '.' .. whole(state.issued)
    state.issued = state.issued + 1
    local last = state.slices[#state.slices]
    if last and last[1] == state.index then last[2] = last[2] + amount
    else state.slices[#state.slices + 1] = {state.index, amount} end
  elseif amount > 0 then
    claim.receipt = claim.name .. ':' .. whole(amount)
    state.added[#state.added + 1] = claim.receipt
  end
end

if over >= 0 then
  for _, claim in ipairs(claims) do
    claim.state.used = claim.before
    if claim.taken and claim.frame.width >= 0 then
      local last = claim.state.slices[#claim.state.slices]
      last[2] = last[2] - claim.amount
    elseif claim.taken then
      claim.state.added = {}
    end
  end
end

local answer = {whole(over)}
for at, claim in ipairs(claims) do
  local free = claim.limit - claim.state.used
  local freed = math.max(1, (claim.amount > 0 and claim.amount or 1) - free)
  local wait
  if claim.frame.width < 0 then wait = wait_for_places(claim.key, claim.state, claim.frame, freed)
  else wait = wait_for_slices(claim.state, claim.frame, freed) end
  answer[at * 3 - 1] = whole(math.max(0, free))
  answer[at * 3] = whole(math.max(0, wait - now))
  answer[at * 3 + 1] = over < 0 and claim.receipt or ''
end
if over >= 0 then return answer end

for key, state in pairs(states) do
  if state.wipe then redis.call('DEL', key) end
  for at = 1, #state.dead, 1000 do
    local last = math.min(at + 999, #state.dead)
    redis.call(state.added and 'ZREM' or 'HDEL', key, unpack(state.dead, at, last))
  end
end
for _, claim in ipairs(claims) do
  local key, state, frame = claim.key, claim.state, claim.frame
  if frame.width >= 0 and not state.written then
    local last = state.slices[#state.slices]
    redis.call('HSET', key, 'newest', whole(state.index), 'issued', whole(state.issued), whole(last[1]), whole(last[2]))
    redis.call('PEXPIREAT', key, whole(math.ceil(opens(frame, state.index + frame.span) / 1000) + 1000))
  elseif frame.width < 0 and not state.written and #state.added > 0 then
    for _, member in ipairs(state.added) do redis.call('ZADD', key, whole(now + frame.span), member) end
    redis.call('ZADD', key, '-' .. whole(state.used), 'total')
    redis.call('PEXPIREAT', key, whole(math.ceil((now + frame.span) / 1000) + 1000))
  elseif frame.width < 0 and not state.written and #state.dead > 0 then
    if state.used > 0 then redis.call('ZADD', key, '-' .. whole(state.used), 'total')
    else redis.call('DEL', key) end
  end
  state.written = true
end
return answer
"""
)

SETTLE: Final = """
local MOST = 9007199254740991
local function whole(number) return string.format('%.0f', number) end

for at = 1, #KEYS, 2 do
  local from = at * 2 - 1
  if ARGV[from] == 'places' then
    redis.call('ZSCORE', KEYS[at], ARGV[from + 1])
  else
    redis.call('HGET', KEYS[at], ARGV[from])
    redis.call('GETBIT', KEYS[at + 1], ARGV[from + 1])
  end
end

for at = 1, #KEYS, 2 do
  local key, from = KEYS[at], at * 2 - 1
  if ARGV[from] == 'places' then
    local member = ARGV[from + 1]
    if redis.call('ZREM', key, member) == 1 then
      local total = -(tonumber(redis.call('ZSCORE', key, 'total') or 0) or 0)
      total = total - (tonumber(string.match(member, ':(%d+)$')) or 0)
      if total > 0 then redis.call('ZADD', key, '-' .. whole(total), 'total')
      else redis.call('DEL', key) end
    end
  else
    local used = tonumber(redis.call('HGET', key, ARGV[from]) or '')
    if used and redis.call('SETBIT', KEYS[at + 1], ARGV[from + 1], 1) == 0 then
      used = used + tonumber(ARGV[from + 3]) - tonumber(ARGV[from + 2])
      redis.call('HSET', key, ARGV[from], whole(math.min(MOST, math.max(0, used))))
      redis.call('PEXPIRE', KEYS[at + 1], math.max(1000, redis.call('PTTL', key)))
    end
  end
end
return 'settled'
"""

KEPT: Final = """
local size = redis.call('STRLEN', KEYS[1])
if size > tonumber(ARGV[1]) then return {size} end
return {size, redis.call('GET', KEYS[1])}
"""


class Script:
    """A script by its text and by the name Redis gives it."""

    def __init__(self, text: str, clock: str = CLOCK) -> None:
        self.text = text.replace("@CLOCK@", clock)
        self.sha = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
