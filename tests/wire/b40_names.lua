-- SPDX-License-Identifier: Apache-2.0
-- Names in many scripts come back as they were given. [MS-FSCC] 2.1.5
local t = smb.tree()
local names = {
	"plain.txt", "two words", "UPPER and lower", ".hidden", "dots.in.the.name", "ümläut ß ÄÖÜ",
	"日本語のファイル名", "русский", "العربية", "עברית", "한국어", "\u{1F600}\u{1F680} emoji",
	"e\u{301} combined", "é composed", "a'b`c", "sp€cial §$%&=+,;@#~!(){}[]^",
}
local folder = tmp "folder"
t:mkdir(folder):close()
for i, name in ipairs(names) do
	t:put(tmp("folder\\" .. name), "content " .. i)
end

local d = t:create { name = folder, options = "directory", access = "read" }
local found = {}
for _, name in ipairs(d:names()) do
	found[name] = true
end
for i, name in ipairs(names) do
	expect.is(found[name], "the listing has " .. name)
	expect.equal(t:get(folder .. "\\" .. name), "content " .. i, "content of " .. name)
end
