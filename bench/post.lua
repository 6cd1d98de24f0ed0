-- wrk script: POST the body in $WRK_BODY with the headers in $WRK_HEADERS ("Name: value" a line); prints a JSON summary last.
local f = assert(io.open(os.getenv("WRK_BODY"), "rb"))
wrk.method, wrk.body = "POST", f:read("*a")
f:close()
for line in io.lines(os.getenv("WRK_HEADERS")) do
  local name, value = line:match("^([^:]+):%s*(.*)$")
  if name then wrk.headers[name] = value end
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%.6f,"bad":%d,"p50_us":%d,"p99_us":%d}\n',
    summary.requests, summary.duration / 1e6, e.status + e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end

-- Every request another one of the same length: @NUMBER@ in the body becomes a number of eight digits.
if os.getenv("WRK_UNIQUE") ~= "" and os.getenv("WRK_UNIQUE") ~= nil then
  local before, after = wrk.body:match("^(.*)@NUMBER@(.*)$")
  local number = tonumber(os.getenv("WRK_UNIQUE"))
  function request()
    number = number + 1
    return wrk.format(nil, nil, nil, before .. string.format("%08d", number) .. after)
  end
end
