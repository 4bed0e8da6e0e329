"""A ledger in Python, by ctypes: it replays a history of deltas and transactions as ledger.c does.

    cargo build --release -p veilpay-ffi
    python3 ffi/examples/ledger.py target/release/libveilpay.so vectors/ledger

It is an example, with one thread and its state in Python's containers. What a node must add:

- Storage: everything that apply changes is written as one, and is safe on disk before anybody is told.
- A lock, held over settle and apply. check runs outside it, on a copy of the view that was taken under it.
- The ciphertexts of the notes, which apply drops here: without them receivers never find their money.
- The roots of the lists that were superseded, and the times of the blocks that superseded them: here a payment that was made
  before an enrolment is refused right after it.
- The machine's clock as `now` of settle. Here it is the last block's time, since the history is of another day.
- Blocks, their times, and the way back when some are undone; the deltas of the sanctions list, which this history has none of.
- Further circuit versions: a key for each in veilpay_verifier_new, and their states in circuit_status.
"""

import ctypes
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_char, c_int32, c_size_t, c_uint16, c_uint32, c_uint64, c_uint8, c_void_p
from pathlib import Path

OK, REJECTED, FAILED = 0, 13, -1
ABI = 2
CIPHERTEXT_BYTES = 505
TRANSFER_2X3 = 1
Word = c_uint8 * 32
WordIn = POINTER(c_uint8)


class Error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("rule", c_char * 16), ("code", c_char * 48), ("message", c_char * 256)]


class Bytes(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("length", c_size_t)]


class Parameters(ctypes.Structure):
    _fields_ = [
        ("epoch_seconds", c_uint64),
        ("checkpoint_interval", c_uint64),
        ("max_expiry_blocks", c_uint64),
        ("transaction_expiry_blocks", c_uint64),
        ("recent_roots", c_uint32),
        ("clock_window_seconds", c_uint64),
        ("grace_seconds", c_uint64),
        ("block_seconds", c_uint64),
    ]


class Balance(ctypes.Structure):
    _fields_ = [("account", Word), ("asset", Word), ("amount", c_uint64)]


class Pool(ctypes.Structure):
    _fields_ = [("asset", Word), ("version", c_uint16), ("amount", c_uint64)]


class EffectsInfo(ctypes.Structure):
    _fields_ = [
        ("txid", Word),
        ("height", c_uint64),
        ("epoch", c_uint64),
        ("trace_tag", Word),
        ("pool", Pool),
        ("nullifiers", c_size_t),
        ("notes", c_size_t),
        ("balances", c_size_t),
    ]


CircuitStatus = CFUNCTYPE(c_int32, c_void_p, c_uint8, c_uint16)
Known = CFUNCTYPE(c_int32, c_void_p, WordIn)
RootStatus = CFUNCTYPE(c_int32, c_void_p, WordIn, POINTER(c_uint64))
KnownTag = CFUNCTYPE(c_int32, c_void_p, c_uint64, WordIn)
MinimumFee = CFUNCTYPE(c_int32, c_void_p, WordIn, POINTER(c_uint64))
BalanceOf = CFUNCTYPE(c_int32, c_void_p, WordIn, WordIn, POINTER(c_uint64))
PoolOf = CFUNCTYPE(c_int32, c_void_p, WordIn, c_uint16, POINTER(c_uint64))


class View(ctypes.Structure):
    _fields_ = [
        ("context", c_void_p),
        ("ledger_id", Word),
        ("parameters", Parameters),
        ("height", c_uint64),
        ("time", c_uint64),
        ("note_count", c_uint64),
        ("circuit_status", CircuitStatus),
        ("is_recent_note_root", Known),
        ("registry_root_status", RootStatus),
        ("sanctions_root_status", RootStatus),
        ("has_nullifier", Known),
        ("has_trace_tag", KnownTag),
        ("minimum_fee", MinimumFee),
        ("balance", BalanceOf),
        ("pool", PoolOf),
    ]


class Refused(Exception):
    """A call did not do what was asked."""

    def __init__(self, error):
        self.status, self.rule, self.code = error.status, error.rule.decode(), error.code.decode()
        super().__init__(": ".join(filter(None, [self.rule, error.message.decode()])))


class Library:
    """libveilpay: every call raises Refused where C returns a status."""

    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.veilpay_abi.restype = c_uint32
        self.c.veilpay_notes_count.restype = c_uint64
        if self.c.veilpay_abi() != ABI:
            raise SystemExit("libveilpay is of another version than this program")

    def call(self, name, *arguments):
        error = Error()
        if getattr(self.c, name)(*arguments, byref(error)) != OK:
            raise Refused(error)

    def make(self, name, *arguments):
        out = c_void_p()
        self.call(name, *arguments, byref(out))
        return out

    def word(self, name, *arguments):
        out = Word()
        self.call(name, *arguments, out)
        return bytes(out)


def word(pointer):
    return ctypes.string_at(pointer, 32)


class Guard:
    """Makes functions for the rules of functions of Python, and keeps what goes wrong in them.

    What an exception that leaves a callback of ctypes answers is undefined: memory that nobody wrote, often 0, which says "not
    spent". So nothing leaves one, KeyboardInterrupt and SystemExit included: the answer is FAILED, and the call ends without a
    verdict. Calls are made `with guard`, which raises what was kept after them, before their result is used. That covers the one
    gap that is left: a signal's exception before the first line of a function goes to sys.unraisablehook alone.
    """

    def __init__(self):
        self.kept = self.hook = None

    def keep(self, error):
        if self.kept is None:
            self.kept = error

    def answer(self, look):
        def ask(_, *arguments):
            result = FAILED
            try:
                result = int(look(*arguments))
            except BaseException as error:
                self.keep(error)
            finally:
                # Drops an exception of the lines above too.
                return result

        return ask

    def __enter__(self):
        self.kept, self.hook = None, sys.unraisablehook
        sys.unraisablehook = lambda unraisable: self.keep(unraisable.exc_value or RuntimeError("a callback failed"))

    def __exit__(self, *_):
        sys.unraisablehook = self.hook
        kept, self.kept = self.kept, None
        if kept is not None:
            raise kept


class Ledger:
    """The state in Python's own containers; a node keeps it in its storage."""

    def __init__(self, library):
        self.library, self.guard = library, Guard()
        self.nullifiers, self.tags = set(), set()
        self.balances, self.pools, self.fees = {}, {}, {}
        self.lists = self.verifier = None
        self.notes = library.make("veilpay_notes_new")
        self.roots = [library.word("veilpay_notes_root", self.notes)]
        self.view = View()
        answer = self.guard.answer
        # ctypes' functions live as long as the view that holds them.
        view = self.view
        view.circuit_status = CircuitStatus(answer(lambda circuit, version: (circuit, version) == (TRANSFER_2X3, 1)))
        view.is_recent_note_root = Known(answer(lambda root: word(root) in self.recent_roots()))
        view.registry_root_status = RootStatus(answer(lambda root, at: word(root) == self.list_roots()[0]))
        view.sanctions_root_status = RootStatus(answer(lambda root, at: word(root) == self.list_roots()[1]))
        view.has_nullifier = Known(answer(lambda nullifier: word(nullifier) in self.nullifiers))
        view.has_trace_tag = KnownTag(answer(lambda epoch, tag: (epoch, word(tag)) in self.tags))
        view.minimum_fee = MinimumFee(answer(self.minimum_fee))
        view.balance = BalanceOf(answer(self.balance))
        view.pool = PoolOf(answer(self.pool))

    def recent_roots(self):
        return self.roots[max(0, len(self.roots) - self.view.parameters.recent_roots):]

    def list_roots(self):
        registry, sanctions = Word(), Word()
        self.library.call("veilpay_lists_roots", self.lists, registry, sanctions)
        return bytes(registry), bytes(sanctions)

    def minimum_fee(self, asset, fee):
        known = self.fees.get(word(asset))
        fee[0] = known or 0
        return known is not None

    def balance(self, account, asset, amount):
        amount[0] = self.balances.get((word(account), word(asset)), 0)
        return 0

    def pool(self, asset, version, amount):
        amount[0] = self.pools.get((word(asset), version), 0)
        return 0

    def submit(self, transaction):
        """Takes a transaction and returns what the pool then holds, or raises Refused."""
        library, verified, effects = self.library, None, None
        snapshot = View.from_buffer_copy(self.view)
        try:
            with self.guard:
                verified = library.make(
                    "veilpay_transaction_check", self.verifier, byref(snapshot), transaction, c_size_t(len(transaction)))
            with self.guard:
                effects = library.make(
                    "veilpay_transaction_settle", verified, byref(self.view), c_uint64(self.view.time))
            return self.apply(effects)
        finally:
            library.c.veilpay_effects_free(effects)
            library.c.veilpay_verified_free(verified)

    def apply(self, effects):
        library, info = self.library, EffectsInfo()
        library.call("veilpay_effects_info", effects, byref(info))
        for index in range(info.nullifiers):
            self.nullifiers.add(library.word("veilpay_effects_nullifier", effects, c_size_t(index)))
        for index in range(info.notes):
            commitment, ciphertext = Word(), (c_uint8 * CIPHERTEXT_BYTES)()
            library.call("veilpay_effects_note", effects, c_size_t(index), commitment, ciphertext)
            # A node keeps the ciphertext: wallets read them in bulk to find their notes. This example drops it.
            library.call("veilpay_notes_append", self.notes, commitment, None)
        for index in range(info.balances):
            balance = Balance()
            library.call("veilpay_effects_balance", effects, c_size_t(index), byref(balance))
            self.balances[bytes(balance.account), bytes(balance.asset)] = balance.amount
        self.tags.add((info.epoch, bytes(info.trace_tag)))
        self.pools[bytes(info.pool.asset), info.pool.version] = info.pool.amount
        self.roots.append(library.word("veilpay_notes_root", self.notes))
        self.view.note_count = library.c.veilpay_notes_count(self.notes)
        self.view.height += 1
        return info.pool.amount

    def step(self, folder, action, words):
        library = self.library
        content = lambda: (folder / words[0]).read_bytes()
        if action == "network":
            library.call("veilpay_parameters", c_uint8(int(words[0])), byref(self.view.parameters))
        elif action == "ledger":
            self.view.ledger_id = Word(*bytes.fromhex(words[0]))
        elif action == "issuer":
            self.lists = library.make("veilpay_lists_new", self.view.ledger_id, bytes.fromhex(words[0]))
        elif action == "time":
            self.view.time = int(words[0])
        elif action == "asset":
            self.fees[bytes.fromhex(words[0])] = int(words[1])
        elif action == "balance":
            self.balances[bytes.fromhex(words[0]), bytes.fromhex(words[1])] = int(words[2])
        elif action == "key":
            key = content()
            held = ctypes.create_string_buffer(key, len(key))
            self.verifier = library.make(
                "veilpay_verifier_new", byref(Bytes(ctypes.addressof(held), len(key))), c_size_t(1))
        elif action == "registry":
            delta = content()
            library.call("veilpay_lists_apply_registry", self.lists, delta, c_size_t(len(delta)))
            self.view.height += 1
        elif action == "transaction":
            try:
                pool = self.submit(content())
                print(f"accepted {words[0]}: pool {pool}, {self.view.note_count} notes")
            except Refused as refusal:
                if refusal.status != REJECTED:
                    raise
                print(f"refused {words[0]}: {refusal.rule} {refusal.code}")
        else:
            raise SystemExit(f"{action}: no such action")


def main(path, folder):
    folder = Path(folder)
    ledger = Ledger(Library(path))
    for line in (folder / "history.txt").read_text().splitlines():
        action, *words = line.split()
        ledger.step(folder, action, words)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, Refused) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
