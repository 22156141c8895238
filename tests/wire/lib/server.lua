-- SPDX-License-Identifier: Apache-2.0
-- server.lua: the server of `smb3ctl module test` from its own side: its folder, and smb3ctl.
--
--   local server = require "server"
--   server.ctl("greet", "Bob")            what smb3ctl prints; its failure fails the scenario
--   server.refused("greet")               what it complains about; its success fails the scenario
--   server.write("share/f.txt", "text")   a file below the server's folder, past the server
--   server.read("share/f.txt")            nil when it is not there

local server = { dir = os.getenv "SMB3_TEST_DIR", conf = os.getenv "SMB3_TEST_CONF" }

local function quoted(word) return "'" .. tostring(word):gsub("'", "'\\''") .. "'" end

local function run(...)
	local words = { os.getenv "SMB3CTL", "-c", server.conf, ... }
	for i, word in ipairs(words) do
		words[i] = quoted(word)
	end
	local pipe = assert(io.popen(table.concat(words, " ") .. " 2>&1 </dev/null"))
	local text = pipe:read "a"
	return pipe:close(), text
end

function server.ctl(...)
	local ok, text = run(...)
	if not ok then
		error("smb3ctl " .. table.concat({ ... }, " ") .. ": " .. text, 2)
	end
	return text
end

function server.refused(...)
	local ok, text = run(...)
	if ok then
		error("smb3ctl " .. table.concat({ ... }, " ") .. " should have failed: " .. text, 2)
	end
	return text
end

function server.write(name, text)
	local f = assert(io.open(server.dir .. "/" .. name, "w"))
	f:write(text)
	f:close()
end

function server.read(name)
	local f = io.open(server.dir .. "/" .. name)
	local text = f and f:read "a"
	if f then
		f:close()
	end
	return text
end

return server
