"""Follows a ledger over HTTP and has every proof verified, many at a time, under keys whose digests are compared.

    python3 docs/examples/follow.py http://127.0.0.1:8787 [CIRCUIT=VK_DIGEST ...]

VK_DIGEST is the digest of a circuit's key as the network publishes it; a proof of a circuit whose key is not named is under a key that
nobody compared, which is said at the end. VEILPAY_TOKEN is sent, where it is set, as the bearer token: of
the scopes read and verify.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request

CIRCUITS = {1: ("transfer_2x3", 23), 2: ("transfer_8x2", 27)}
LEDGER_BYTES, HEIGHT_BYTES, CIPHERTEXT_BYTES, PROOF_BYTES = 32, 8, 505, 128
PAGE = 64


class Service:
    """veilpayd, by its routes."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        token = os.environ.get("VEILPAY_TOKEN")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, path, body=None):
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            try:
                problem = json.load(error)
                raise SystemExit(f"{path}: {problem['code']}: {problem['detail']}") from None
            except (ValueError, KeyError):
                raise SystemExit(f"{path}: status {error.code}, and not from veilpayd") from None
        except (urllib.error.URLError, ValueError) as error:
            raise SystemExit(f"{self.url}{path}: {error}") from None


def proof_of(data):
    """Circuit, public inputs and proof of a transaction: its fields one after the other, as docs/PROTOCOL.md has them (section 9)."""
    at = 0

    def take(length):
        nonlocal at
        at += length
        return data[at - length:at]

    code = take(1)[0]
    if code not in CIRCUITS:
        raise SystemExit(f"circuit {code} is not known here")
    circuit, count = CIRCUITS[code]
    take(2 + LEDGER_BYTES + HEIGHT_BYTES)
    inputs = [take(32) for _ in range(count)]
    take(int.from_bytes(take(4), "big") * CIPHERTEXT_BYTES)
    for _ in ("source", "target", "fee collector", "sponsor"):
        take(32 * take(1)[0])
    take(int.from_bytes(take(4), "big"))  # the public memo
    return circuit, inputs, take(PROOF_BYTES)


def main(url, *published):
    service = Service(url)
    print(f"{service.ask('/v1/ledger')['network']} ledger")
    compared, used = set(), set()
    for named in published:
        circuit, _, digest = named.partition("=")
        key = service.ask(f"/v1/circuits/{circuit}/verification-key")
        if key["digest"] != digest:
            raise SystemExit(f"the service's key of {circuit} is {key['digest']}, not the one that was published")
        print(f"key of {circuit} as published, setup {key['setup']}")
        compared.add(circuit)
    seen = 0
    while True:
        page = service.ask(f"/v1/ledger/transactions?from={seen}&limit={PAGE}")["transactions"]
        if not page:
            break
        proofs = []
        for transaction in page:
            circuit, inputs, proof = proof_of(base64.b64decode(transaction["transaction"]))
            used.add(circuit)
            inputs = ["0x" + word.hex() for word in inputs]
            proofs.append({"circuit": circuit, "public_inputs": inputs, "proof": base64.b64encode(proof).decode()})
        verdict = service.ask("/v1/verify/batch", {"proofs": proofs})
        for wrong in verdict.get("invalid", []):
            print(f"{page[wrong['index']]['txid']}: {wrong['rule']}")
        seen += len(page)
        if not verdict["valid"]:
            raise SystemExit("the ledger took what does not hold")
    for circuit in sorted(used - compared):
        print(f"the key of {circuit} was compared with nothing: name its digest")
    print(f"{seen} transactions, every proof holds")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
