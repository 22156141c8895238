#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# encrypt.sh: smbclient encrypts with every cipher and dialect that can; a share, then a server, that
# demands it.
set -u
. "$(dirname "$0")/../lib/server.sh"

test_begin encrypt
if is_smb3d && [ ! -e "$SMB3D_BUILD/modules.d/encrypt.so" ]; then
	skip encrypt "the module encrypt is not built"
	test_end
	exit
fi
share_new files
share_new safe 'encrypt={ require = true; }'
server_begin
cd "$T/work" || exit 1
head -c 20000000 /dev/urandom >local

# roundtrip SHARE OPTION...: more than one read and write of the largest size, and a compound.
roundtrip() {
	smbc "$1" 'put local far; get far back; ls; mkdir d; rmdir d; del far' "${@:2}" && cmp local back
}

for dialect in SMB3_00 SMB3_02 SMB3_11; do
	check "encrypt-$dialect" roundtrip files --client-protection=encrypt \
		--option="client min protocol=$dialect" --max-protocol="$dialect"
done
for cipher in AES-128-CCM AES-128-GCM AES-256-CCM AES-256-GCM; do
	check "encrypt-$cipher" roundtrip files --client-protection=encrypt \
		--option="client smb3 encryption algorithms=$cipher"
done
refuse encrypt-old-dialect "support SMB3 encryption" smbc files ls --client-protection=encrypt --max-protocol=SMB2_10

# A client that does not ask for it learns from the share that it must.
check encrypt-share roundtrip safe --client-protection=sign
refuse encrypt-share-old-dialect STATUS_ACCESS_DENIED smbc safe ls --max-protocol=SMB2_10
check encrypt-other-share-in-clear roundtrip files --max-protocol=SMB2_10
check encrypt-first-server-ends server_clean

S_EXTRA='encrypt = { require = true; };'
server_begin second-start
check encrypt-server roundtrip files --client-protection=sign
refuse encrypt-server-old-dialect STATUS_ACCESS_DENIED smbc files ls --max-protocol=SMB2_10
test_end
