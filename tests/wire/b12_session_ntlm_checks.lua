-- SPDX-License-Identifier: Apache-2.0
-- What protects the NTLM exchange is checked: the proof, the MIC, SPNEGO's mechListMIC; NTLMv1 is
-- refused. [MS-NLMP] 3.2.5.1.2, [RFC4178] 5
local refused = "LOGON_FAILURE|ACCESS_DENIED|INVALID_PARAMETER|NOT_SUPPORTED|WRONG_PASSWORD"

local function try(o)
	local c = smb.connect()
	c:negotiate()
	return c:session(o)
end

try { bad_proof = true, expect = refused }
try { bad_mic = true, expect = refused }
try { bad_mic = true, raw = true, expect = refused }
try { bad_list_mic = true, expect = refused }
try { ntlmv1 = true, expect = refused }
try { ntlmv1 = true, raw = true, expect = refused }

-- These are allowed, and the keys come out right all the same: the answer's signature is good.
expect.equal(try { no_key_exchange = true }.sig, "good", "without key exchange")
expect.equal(try { no_mic = true }.sig, "good", "without a MIC that was not announced")
