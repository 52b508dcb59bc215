-- What wrk asks and how it judges the answers, for gateway_http.py.
-- Arguments: a file with a request per line (method, path, authorization and body, tab-separated; asked in turn), how
-- the body of an answer must begin, what it must hold, and what not.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  requests, start, text, absent = {}, args[2], args[3], args[4]
  good, bad, example = 0, 0, ""
  for line in io.lines(args[1]) do
    local method, path, authorization, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = {}
    if authorization ~= "" then headers["Authorization"] = authorization end
    if body ~= "" then headers["Content-Type"] = "application/json" end
    table.insert(requests, wrk.format(method, path, headers, body ~= "" and body or nil))
  end
  turn = number * 7
end

function request()
  turn = turn + 1
  return requests[turn % #requests + 1]
end

function response(status, headers, body)
  if status == 200 and body:sub(1, #start) == start and body:find(text, 1, true)
      and not (absent ~= "-" and body:find(absent, 1, true)) then
    good = good + 1
  else
    bad = bad + 1
    if bad == 1 then example = status .. " " .. body:sub(1, 200):gsub("[%c\"\\]", " ") end
  end
end

function done(summary, latency, _)
  local right, wrong, first = 0, 0, ""
  for _, thread in ipairs(threads) do
    right = right + thread:get("good")
    wrong = wrong + thread:get("bad")
    if thread:get("example") ~= "" then first = thread:get("example") end
  end
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    'RESULT {"seconds": %.3f, "right": %d, "wrong": %d, "lost": %d, "p50": %.3f, "p99": %.3f, "first": "%s"}\n',
    summary.duration / 1e6, right, wrong, lost, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, first))
end
