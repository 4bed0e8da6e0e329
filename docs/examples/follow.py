"""Follows a ledger over HTTP and has every proof verified, many at a time.

    python3 docs/examples/follow.py http://127.0.0.1:8787 [CIRCUIT[/VERSION]=VK_DIGEST ...]

VK_DIGEST is the digest of a key as the network publishes it. It is computed here of the key that the service gives; that the service
verifies under this key, and that what it verifies holds, is its word: run one of your own. What is under a key that nobody compared is
said at the end. VEILPAY_TOKEN is sent, where it is set, as the bearer token: of the scopes read and verify.
"""

import base64
import hashlib
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


def digest_of(key):
    """The digest of a verifying key in its native encoding (S1): of all between the format and the digest at its end."""
    return "0x" + hashlib.blake2b(key[10:-32], digest_size=64, person=b"veilpay:s1:vkey_").hexdigest()[:64]


def compare(service, named):
    """Compares the service's key of a circuit's version with the published digest, and gives circuit and version."""
    what, _, digest = named.partition("=")
    circuit, _, version = what.partition("/")
    query = f"?version={version}" if version else ""
    given = service.ask(f"/v1/circuits/{circuit}/verification-key{query}")
    key = base64.b64decode(given["key"])
    if digest_of(key) != digest:
        raise SystemExit(f"the service's key of {what} is {digest_of(key)}, not the one that was published")
    # The digest covers the key's own words: circuit, version, setup.
    known = CIRCUITS.get(key[10], ("another circuit", 0))[0]
    if known != circuit:
        raise SystemExit(f"the key with this digest is for {known}")
    print(f"key of {what} as published, setup {'ceremony' if key[13] else 'dev'}")
    return circuit, int.from_bytes(key[11:13], "little")


def proof_of(data):
    """Circuit, version, public inputs and proof of a transaction: its fields one after the other, as docs/PROTOCOL.md has them (section 9)."""
    at = 0

    def take(length):
        nonlocal at
        at += length
        return data[at - length:at]

    code = take(1)[0]
    if code not in CIRCUITS:
        raise SystemExit(f"circuit {code} is not known here")
    circuit, count = CIRCUITS[code]
    version = int.from_bytes(take(2), "big")
    take(LEDGER_BYTES + HEIGHT_BYTES)
    inputs = [take(32) for _ in range(count)]
    take(int.from_bytes(take(4), "big") * CIPHERTEXT_BYTES)
    for _ in ("source", "target", "fee collector", "sponsor"):
        take(32 * take(1)[0])
    take(int.from_bytes(take(4), "big"))  # the public memo
    return (circuit, version), inputs, take(PROOF_BYTES)


def following(service, last, seen):
    """The next transactions; the last one that was seen must still stand before them, as a ledger may be rolled back."""
    start = max(seen - 1, 0)
    page = service.ask(f"/v1/ledger/transactions?from={start}&limit={PAGE}")["transactions"]
    if last is None:
        return page
    if not page or (page[0]["txid"], page[0]["height"]) != last:
        raise SystemExit("the ledger was rolled back meanwhile: begin again")
    return page[1:]


def main(url, *published):
    service = Service(url)
    ledger = service.ask("/v1/ledger")
    print(f"{ledger['network']} ledger {ledger['ledger']}")
    compared, used = {compare(service, named) for named in published}, set()
    seen, last = 0, None
    while page := following(service, last, seen):
        proofs = []
        for transaction in page:
            (circuit, version), inputs, proof = proof_of(base64.b64decode(transaction["transaction"]))
            used.add((circuit, version))
            inputs = ["0x" + word.hex() for word in inputs]
            proof = base64.b64encode(proof).decode()
            proofs.append({"circuit": circuit, "version": version, "public_inputs": inputs, "proof": proof})
        verdict = service.ask("/v1/verify/batch", {"proofs": proofs})
        for wrong in verdict.get("invalid", []):
            print(f"{page[wrong['index']]['txid']}: {wrong['rule']}")
        if not verdict["valid"]:
            raise SystemExit("the ledger took what does not hold")
        seen, last = seen + len(page), (page[-1]["txid"], page[-1]["height"])
    for circuit, version in sorted(used - compared):
        print(f"the key of {circuit}/{version} was compared with nothing: name its digest")
    print(f"{seen} transactions, every proof holds")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
