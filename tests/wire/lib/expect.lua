-- SPDX-License-Identifier: Apache-2.0
-- expect.lua: what a scenario asserts. Each failure names what was wanted and what came.

local expect = {}

local function fail(text, ...)
	error(text:format(...), 3)
end

local function show(v)
	if type(v) ~= "string" then
		return math.type(v) == "integer" and ("%d (0x%X)"):format(v, v) or tostring(v)
	end
	v = #v > 80 and v:sub(1, 80) .. ("… (%d bytes)"):format(#v) or v
	return "'" .. v:gsub("[%c\x80-\xff]", function(c) return ("\\x%02x"):format(c:byte()) end)
		.. "'"
end

function expect.equal(actual, wanted, what)
	if actual ~= wanted then
		fail("%s: wanted %s, got %s", what or "value", show(wanted), show(actual))
	end
end

function expect.is(condition, what)
	if not condition then
		fail("%s does not hold", what or "the condition")
	end
	return condition
end

-- A reply has one of the statuses, which are given with | between them.
function expect.status(wanted, reply, what)
	for name in wanted:gmatch("[^|]+") do
		if reply.status == name then
			return reply
		end
	end
	fail("%s: wanted %s, got %s", what or reply.name, wanted, reply.status)
end

-- The refusal of a malformed request; commands of features that a server may lack can also be
-- answered as what they are then.
local optional = { lock = true, change_notify = true, oplock_break = true }
function expect.refused(wanted, reply, what)
	if optional[reply.name] then
		wanted = wanted .. "|NOT_SUPPORTED"
	end
	return expect.status(wanted, reply, what)
end

-- The server closes the connection.
function expect.closed(conn, what)
	local closed, why = conn.raw_conn:closed(wire.patience)
	if not closed then
		fail("%s: the server should have closed the connection (%s)", what or "then", why)
	end
end

-- The connection still answers, and nothing came that was not asked for.
function expect.alive(conn, what)
	local r = conn:call { command = "echo", expect = "any" }
	expect.status("SUCCESS|USER_SESSION_DELETED|ACCESS_DENIED", r)
	local stray = conn.raw_conn:stray(0)
	if stray then
		fail("%s: an answer that nobody asked for, message id %d", what or "then", stray.mid)
	end
end

-- An error that mentions the pattern.
function expect.error(pattern, f, ...)
	local ok, err = pcall(f, ...)
	if ok or not tostring(err):find(pattern, 1, true) then
		fail("wanted an error with '%s', got %s", pattern, tostring(err))
	end
end

return expect
