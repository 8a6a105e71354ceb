-- SPDX-License-Identifier: BSD-2-Clause
-- wrk script: one request over and over, from the environment:
--   BENCH_METHOD, BENCH_BODY (a file), BENCH_TOKEN, BENCH_ETAG,
--   BENCH_PREFER
--   BENCH_PATHS (a file): paths to go round instead of the URL's
-- Ends with one line of JSON that bench/run reads.

function init(args)
    wrk.method = os.getenv("BENCH_METHOD") or "GET"
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
    local body = os.getenv("BENCH_BODY")
    local etag = os.getenv("BENCH_ETAG")
    if etag then
        wrk.headers["If-None-Match"] = etag
    end
    wrk.headers["Prefer"] = os.getenv("BENCH_PREFER")
    if body then
        local file = assert(io.open(body))
        wrk.body = file:read("*a")
        file:close()
        wrk.headers["Content-Type"] = "application/json"
    end
    local paths = os.getenv("BENCH_PATHS")
    if paths then
        -- made once: a string for each path
        local ready, n = {}, 0
        for path in io.lines(paths) do
            ready[#ready + 1] = wrk.format(nil, path)
        end
        function request()
            n = n % #ready + 1
            return ready[n]
        end
    end
end

function done(summary, latency, requests)
    -- counted by wrk itself: a function called for each reply would cost as
    -- much as what is measured
    local bad = summary.errors.connect + summary.errors.read
        + summary.errors.write + summary.errors.timeout
        + summary.errors.status
    print(string.format(
        'BENCH {"requests": %d, "seconds": %.6f, "bad": %d, "p50_ms": %.3f, "p99_ms": %.3f}',
        summary.requests, summary.duration / 1e6, bad,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
