/*
 * Veilpay's C interface: verification of proofs and the rules of the ledger.
 *
 * A function that can fail returns a VeilpayStatus, takes a VeilpayError * last, which may be null, and writes its results only when it
 * returns VEILPAY_STATUS_OK, unless it says otherwise. Bytes are a pointer and a length. Field elements are 32 bytes big-endian. What a _new, _load, _check or _settle made
 * is given back by the _free of its type, once. An object may be used by many threads at once as long as none changes it.
 */

#ifndef VEILPAY_H
#define VEILPAY_H

/* Generated from the sources of veilpay-ffi: change those, then run `just header`. */

#include <stddef.h>
#include <stdint.h>

// The version of this interface: it changes when a program compiled against an older header would misbehave.
#define VEILPAY_ABI 2

// An answer of a ledger that could not look: any negative number will do.
#define VEILPAY_FAILED -1

// The ledger does not know the circuit version.
#define VEILPAY_UNKNOWN 0

// Transactions of the circuit version are accepted.
#define VEILPAY_ENABLED 1

// Only those that unshield are.
#define VEILPAY_DRAIN_ONLY 2

// None is.
#define VEILPAY_DISABLED 3

// The ledger never computed the root.
#define VEILPAY_ROOT_UNKNOWN 0

// The root is the latest.
#define VEILPAY_ROOT_CURRENT 1

// The root was the latest until the time that was written, unix seconds: that of the block that superseded it.
#define VEILPAY_ROOT_SUPERSEDED 2

// Bytes that `veilpay_notes_save` writes at most.
#define VEILPAY_NOTES_BYTES (8 + (16 * (4 + (4 * 32))))

// Bytes of a note's ciphertext.
#define VEILPAY_CIPHERTEXT_BYTES 505

// Bytes of a proof.
#define VEILPAY_PROOF_BYTES 128

// How a call ended. The numbers are never given a second meaning.
enum VeilpayStatus
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // It did what was asked.
    VEILPAY_STATUS_OK = 0,
    // A pointer, or one of a ledger's functions, is null.
    VEILPAY_STATUS_NULL = 1,
    // A length is not what it must be.
    VEILPAY_STATUS_LENGTH = 2,
    // There is no such element, circuit or key.
    VEILPAY_STATUS_INDEX = 3,
    // One of the ledger's functions failed (a negative answer): nothing is said about the transaction.
    VEILPAY_STATUS_LEDGER = 4,
    // One of the ledger's functions gave an answer that is none.
    VEILPAY_STATUS_ANSWER = 5,
    // A mistake of this library.
    VEILPAY_STATUS_INTERNAL = 6,
    // Bytes are not the canonical encoding of what they should be.
    VEILPAY_STATUS_ENCODING = 10,
    // A verifying key breaks a rule of S1.
    VEILPAY_STATUS_KEY = 11,
    // A proof does not hold, or is none.
    VEILPAY_STATUS_PROOF = 12,
    // A transaction breaks a rule of the ledger (L1 to L3).
    VEILPAY_STATUS_REJECTED = 13,
    // A delta of the registry or of the sanctions list does not follow.
    VEILPAY_STATUS_DELTA = 14,
    // A tree is full.
    VEILPAY_STATUS_FULL = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum VeilpayStatus VeilpayStatus;
#else
typedef int32_t VeilpayStatus;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A circuit, by the code that keys and transactions carry.
enum VeilpayCircuit
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // A payment of two notes into three; 23 public inputs.
    VEILPAY_CIRCUIT_TRANSFER2X3 = 1,
    // A consolidation of eight notes into two; 27 public inputs.
    VEILPAY_CIRCUIT_TRANSFER8X2 = 2,
    // A proof of identity without a payment; 17 public inputs.
    VEILPAY_CIRCUIT_IDENTITY = 3,
    // A proof of one's own account to the issuer; 4 public inputs.
    VEILPAY_CIRCUIT_ENROL = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum VeilpayCircuit VeilpayCircuit;
#else
typedef uint8_t VeilpayCircuit;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// A network.
enum VeilpayNetwork
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint8_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    // Real money.
    VEILPAY_NETWORK_MAIN = 1,
    // The public test network.
    VEILPAY_NETWORK_TEST = 2,
    // A ledger on one machine.
    VEILPAY_NETWORK_LOCAL = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum VeilpayNetwork VeilpayNetwork;
#else
typedef uint8_t VeilpayNetwork;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

// What a valid transaction changes. It does not change itself.
typedef struct VeilpayEffects VeilpayEffects;

// The registry and the sanctions list of one ledger.
typedef struct VeilpayLists VeilpayLists;

// The right edge of a note tree.
typedef struct VeilpayNotes VeilpayNotes;

// A verifying key of a stranger's circuit that obeys S1. It does not change.
typedef struct VeilpaySnarkjsKey VeilpaySnarkjsKey;

// A transaction whose form, signatures and proof are right (L1, L2). It does not change.
typedef struct VeilpayVerified VeilpayVerified;

// The verifying keys of a node, one per circuit and version. It does not change.
typedef struct VeilpayVerifier VeilpayVerifier;

// Why a call failed: texts that end with a zero byte.
typedef struct VeilpayError {
    // The status that was returned.
    VeilpayStatus status;
    // The rule that was broken, such as `L3.10` or `S1`; empty where there is none.
    char rule[16];
    // The rule's stable name for machines, such as `nullifier_seen`; empty where there is none.
    char code[48];
    // A sentence for people.
    char message[256];
} VeilpayError;

// What a network fixes (section 9 of the protocol).
typedef struct VeilpayParameters {
    // Length of a tracing epoch, seconds.
    uint64_t epoch_seconds;
    // Wallets take roots from heights that are multiples of this.
    uint64_t checkpoint_interval;
    // How far above the height an expiry may lie.
    uint64_t max_expiry_blocks;
    // What wallets add to their checkpoint's height.
    uint64_t transaction_expiry_blocks;
    // How many of the latest note roots are accepted.
    uint32_t recent_roots;
    // How far a transaction's time may lie from the ledger's, seconds.
    uint64_t clock_window_seconds;
    // How long a superseded root of the lists is accepted, seconds.
    uint64_t grace_seconds;
    // The longest time between two blocks, seconds.
    uint64_t block_seconds;
} VeilpayParameters;

// A ledger's state as the rules read it: what was true after its last block, and does not change while a call lasts.
//
// Every function is needed; each gets `context`, and 32 bytes for a root, a nullifier, a tag, an asset or an account.
// A negative answer means that the ledger could not look: the call then ends with `VEILPAY_STATUS_LEDGER`, and nothing is said
// about the transaction. Functions are called on the calling thread, before the call returns.
//
// A function returns, whatever happens in it. It must not throw, panic, longjmp or end its thread: what can fail in it is caught in it
// and answered with `VEILPAY_FAILED`. A C++ exception that leaves one ends the process, a longjmp is undefined behaviour. Runtimes
// that turn what was raised into an answer of their own do not help: that of a callback of Python's ctypes is then undefined, and may be 0,
// which says "not spent".
typedef struct VeilpayLedger {
    // Handed to every function.
    void *context;
    // The ledger's own identifier.
    uint8_t ledger_id[32];
    // The network's parameters.
    struct VeilpayParameters parameters;
    // The height of the last block.
    uint64_t height;
    // The time of the last block, unix seconds; it never goes back.
    uint64_t time;
    // Notes in the tree.
    uint64_t note_count;
    // `VEILPAY_UNKNOWN`, `VEILPAY_ENABLED`, `VEILPAY_DRAIN_ONLY` or `VEILPAY_DISABLED`.
    int32_t (*circuit_status)(void *context, uint8_t circuit, uint16_t version);
    // Whether (0 or 1) the root is among the last `recent_roots` that the ledger computed, that of the empty tree included.
    int32_t (*is_recent_note_root)(void *context, const uint8_t *root);
    // `VEILPAY_ROOT_UNKNOWN`, `VEILPAY_ROOT_CURRENT`, or `VEILPAY_ROOT_SUPERSEDED` and since when: a time after both `time` and the
    // machine's clock is no answer.
    int32_t (*registry_root_status)(void *context, const uint8_t *root, uint64_t *superseded_at);
    // The same for the sanctions list.
    int32_t (*sanctions_root_status)(void *context, const uint8_t *root, uint64_t *superseded_at);
    // Whether (0 or 1) the nullifier was accepted before, in any version.
    int32_t (*has_nullifier)(void *context, const uint8_t *nullifier);
    // Whether (0 or 1) the trace tag was accepted before in this epoch.
    int32_t (*has_trace_tag)(void *context, uint64_t epoch, const uint8_t *tag);
    // Whether (0 or 1) the asset is registered, and its least fee, which must be written with a 1.
    int32_t (*minimum_fee)(void *context, const uint8_t *asset, uint64_t *fee);
    // Writes a transparent account's balance of an asset, 0 for one that does not exist; answers 0.
    int32_t (*balance)(void *context, const uint8_t *account, const uint8_t *asset, uint64_t *amount);
    // Writes what a pool holds, 0 for one that does not exist; answers 0.
    int32_t (*pool)(void *context, const uint8_t *asset, uint16_t version, uint64_t *amount);
} VeilpayLedger;

// A pool as it is after the transaction.
typedef struct VeilpayPool {
    // The asset.
    uint8_t asset[32];
    // The circuit version.
    uint16_t version;
    // What the pool holds.
    uint64_t amount;
} VeilpayPool;

// What a valid transaction changes, in numbers.
typedef struct VeilpayEffectsInfo {
    // The transaction's identifier.
    uint8_t txid[32];
    // The height of the ledger that it was settled against. Effects are void on every other state: at another height, and at
    // the same one after a rollback, a change of a circuit's version, of a root or of a balance.
    uint64_t height;
    // The epoch of the trace tag.
    uint64_t epoch;
    // The trace tag to add.
    uint8_t trace_tag[32];
    // The pool to set.
    struct VeilpayPool pool;
    // Nullifiers to add.
    size_t nullifiers;
    // Notes to append, in order.
    size_t notes;
    // Balances to set, each account at most once.
    size_t balances;
} VeilpayEffectsInfo;

// A balance as it is after the transaction.
typedef struct VeilpayBalance {
    // The transparent account, an Ed25519 key.
    uint8_t account[32];
    // The asset.
    uint8_t asset[32];
    // The new balance.
    uint64_t amount;
} VeilpayBalance;

// Some bytes of the caller's.
typedef struct VeilpayBytes {
    // The first.
    const uint8_t *data;
    // How many.
    size_t length;
} VeilpayBytes;

// A proof among many.
typedef struct VeilpayProof {
    // The circuit, one of `VeilpayCircuit`.
    uint8_t circuit;
    // Its version.
    uint16_t version;
    // The public inputs, 32 bytes each.
    const uint8_t *inputs;
    // How many there are.
    size_t input_count;
    // The proof.
    const uint8_t *proof;
    // Its length.
    size_t proof_length;
} VeilpayProof;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The interface's version as the library has it; compare it with `VEILPAY_ABI` of the header.
uint32_t veilpay_abi(void);

// Makes the empty lists of a ledger, which are the issuer's to change: both 32 bytes, the issuer's an Ed25519 key.
//
// # Safety
// `ledger_id` and `issuer` have 32 bytes; `out` may be written.
VeilpayStatus veilpay_lists_new(const uint8_t *ledger_id,
                                const uint8_t *issuer,
                                struct VeilpayLists **out,
                                struct VeilpayError *error);

// Applies a signed delta of the registry; when it is refused nothing changes.
//
// # Safety
// `lists` are lists that nobody else uses; the bytes are there.
VeilpayStatus veilpay_lists_apply_registry(struct VeilpayLists *lists,
                                           const uint8_t *bytes,
                                           size_t length,
                                           struct VeilpayError *error);

// Applies a signed delta of the sanctions list; when it is refused nothing changes.
//
// # Safety
// `lists` are lists that nobody else uses; the bytes are there.
VeilpayStatus veilpay_lists_apply_sanctions(struct VeilpayLists *lists,
                                            const uint8_t *bytes,
                                            size_t length,
                                            struct VeilpayError *error);

// Writes the roots of the registry and of the sanctions list, 32 bytes each.
//
// # Safety
// `lists` are lists; both places take 32 bytes.
VeilpayStatus veilpay_lists_roots(const struct VeilpayLists *lists,
                                  uint8_t *registry_root,
                                  uint8_t *sanctions_root,
                                  struct VeilpayError *error);

// Gives lists back.
//
// # Safety
// `lists` is null or came from `veilpay_lists_new`, and is given back once.
void veilpay_lists_free(struct VeilpayLists *lists);

// Makes an empty tree.
//
// # Safety
// `out` may be written.
VeilpayStatus veilpay_notes_new(struct VeilpayNotes **out, struct VeilpayError *error);

// Takes up a tree that `veilpay_notes_save` wrote.
//
// # Safety
// The bytes are there; `out` may be written.
VeilpayStatus veilpay_notes_load(const uint8_t *bytes,
                                 size_t length,
                                 struct VeilpayNotes **out,
                                 struct VeilpayError *error);

// Writes the tree to at most `capacity` bytes and their number to `length`; `VEILPAY_NOTES_BYTES` are always enough.
//
// With too little room it returns `VEILPAY_STATUS_LENGTH`, and `length` is what the tree takes: ask with a capacity of 0, then with that.
//
// # Safety
// `notes` is a tree; `out` takes `capacity` bytes, and may be null when that is 0; `length` may be written.
VeilpayStatus veilpay_notes_save(const struct VeilpayNotes *notes,
                                 uint8_t *out,
                                 size_t capacity,
                                 size_t *length,
                                 struct VeilpayError *error);

// Appends a commitment of 32 bytes and writes its position, where that is asked for.
//
// # Safety
// `notes` is a tree that nobody else uses; `commitment` has 32 bytes; `position` may be written or is null.
VeilpayStatus veilpay_notes_append(struct VeilpayNotes *notes,
                                   const uint8_t *commitment,
                                   uint64_t *position,
                                   struct VeilpayError *error);

// Writes the root of the tree, 32 bytes.
//
// # Safety
// `notes` is a tree; `out` takes 32 bytes.
VeilpayStatus veilpay_notes_root(const struct VeilpayNotes *notes, uint8_t *out, struct VeilpayError *error);

// The number of notes; 0 for null.
//
// # Safety
// `notes` is a tree or null.
uint64_t veilpay_notes_count(const struct VeilpayNotes *notes);

// Gives a tree back.
//
// # Safety
// `notes` is null or came from this library, and is given back once.
void veilpay_notes_free(struct VeilpayNotes *notes);

// Writes the parameters of a network, one of `VeilpayNetwork`.
//
// # Safety
// `out` may be written.
VeilpayStatus veilpay_parameters(uint8_t network, struct VeilpayParameters *out, struct VeilpayError *error);

// Takes a `verification_key.json`, which must obey S1.
//
// # Safety
// The bytes are there; `out` may be written.
VeilpayStatus veilpay_snarkjs_key_new(const uint8_t *json,
                                      size_t length,
                                      struct VeilpaySnarkjsKey **out,
                                      struct VeilpayError *error);

// Whether a `proof.json` holds for a `public.json`. `VEILPAY_STATUS_OK` and nothing else says that it holds.
//
// # Safety
// `key` came from `veilpay_snarkjs_key_new`; the bytes are there.
VeilpayStatus veilpay_snarkjs_verify(const struct VeilpaySnarkjsKey *key,
                                     const uint8_t *proof,
                                     size_t proof_length,
                                     const uint8_t *inputs,
                                     size_t inputs_length,
                                     struct VeilpayError *error);

// Gives a key back.
//
// # Safety
// `key` is null or came from `veilpay_snarkjs_key_new`, and is given back once.
void veilpay_snarkjs_key_free(struct VeilpaySnarkjsKey *key);

// Rules L1.1 to L2.7: decodes a transaction and verifies its signatures and its proof.
//
// Of the ledger its identifier, its parameters and its height are read, and `circuit_status` is asked.
//
// # Safety
// `verifier` is a verifier, `ledger` a ledger; the bytes are there; `out` may be written. Nobody writes `*ledger` or the bytes while the
// call lasts: without a lock, give a copy of the struct that was taken under it. `circuit_status` is called, which may take a lock of its own.
VeilpayStatus veilpay_transaction_check(const struct VeilpayVerifier *verifier,
                                        const struct VeilpayLedger *ledger,
                                        const uint8_t *bytes,
                                        size_t length,
                                        struct VeilpayVerified **out,
                                        struct VeilpayError *error);

// Rules L3.1 to L3.18, and once more those of L1 that the ledger's height decides: what the transaction changes.
//
// `now` is the machine's clock, unix seconds. The effects must be stored all or not at all, under the lock that this
// call was made under, before anything else is settled or rolled back.
//
// # Safety
// `verified` came from `veilpay_transaction_check`; `ledger` is a ledger whose functions may be called; `out` may be written. Nobody writes
// `*ledger`, nor what its functions read, while the call lasts.
VeilpayStatus veilpay_transaction_settle(const struct VeilpayVerified *verified,
                                         const struct VeilpayLedger *ledger,
                                         uint64_t now,
                                         struct VeilpayEffects **out,
                                         struct VeilpayError *error);

// Writes the 32 bytes of a verified transaction's identifier.
//
// # Safety
// `verified` came from `veilpay_transaction_check`; `out` takes 32 bytes.
VeilpayStatus veilpay_verified_txid(const struct VeilpayVerified *verified, uint8_t *out, struct VeilpayError *error);

// Gives a verified transaction back.
//
// # Safety
// `verified` is null or came from `veilpay_transaction_check`, and is given back once.
void veilpay_verified_free(struct VeilpayVerified *verified);

// Writes what a valid transaction changes, in numbers.
//
// # Safety
// `effects` came from `veilpay_transaction_settle`; `out` may be written.
VeilpayStatus veilpay_effects_info(const struct VeilpayEffects *effects,
                                   struct VeilpayEffectsInfo *out,
                                   struct VeilpayError *error);

// Writes the nullifier with this number, 32 bytes.
//
// # Safety
// `effects` came from `veilpay_transaction_settle`; `out` takes 32 bytes.
VeilpayStatus veilpay_effects_nullifier(const struct VeilpayEffects *effects,
                                        size_t index,
                                        uint8_t *out,
                                        struct VeilpayError *error);

// Writes the commitment of the note with this number, 32 bytes, and its ciphertext, `VEILPAY_CIPHERTEXT_BYTES`.
//
// # Safety
// `effects` came from `veilpay_transaction_settle`; both places take as many bytes.
VeilpayStatus veilpay_effects_note(const struct VeilpayEffects *effects,
                                   size_t index,
                                   uint8_t *commitment,
                                   uint8_t *ciphertext,
                                   struct VeilpayError *error);

// Writes the balance with this number.
//
// # Safety
// `effects` came from `veilpay_transaction_settle`; `out` may be written.
VeilpayStatus veilpay_effects_balance(const struct VeilpayEffects *effects,
                                      size_t index,
                                      struct VeilpayBalance *out,
                                      struct VeilpayError *error);

// Gives effects back.
//
// # Safety
// `effects` is null or came from `veilpay_transaction_settle`, and is given back once.
void veilpay_effects_free(struct VeilpayEffects *effects);

// Makes a verifier of `count` key files (`transfer_2x3.vk` and so on), of any versions, each of which must obey S1.
//
// Every transaction is verified under the key of its own version, so one version may be drained while another is active.
// Two keys for one version, and one key's points in two, are refused with `VEILPAY_STATUS_KEY`.
//
// # Safety
// `keys` points to `count` values whose bytes are there; `out` may be written.
VeilpayStatus veilpay_verifier_new(const struct VeilpayBytes *keys,
                                   size_t count,
                                   struct VeilpayVerifier **out,
                                   struct VeilpayError *error);

// Gives a verifier back; nothing of it may be in use.
//
// # Safety
// `verifier` is null or came from `veilpay_verifier_new`, and is given back once.
void veilpay_verifier_free(struct VeilpayVerifier *verifier);

// Writes the 32 bytes by which sighashes name the key of a circuit's version: compare them with those that your network publishes.
//
// # Safety
// `verifier` is a verifier; `out` takes 32 bytes.
VeilpayStatus veilpay_verifier_key_digest(const struct VeilpayVerifier *verifier,
                                          uint8_t circuit,
                                          uint16_t version,
                                          uint8_t *out,
                                          struct VeilpayError *error);

// Whether a proof of 128 bytes holds for the public inputs of a circuit's version, `input_count` times 32 bytes big-endian.
//
// `VEILPAY_STATUS_OK` and nothing else says that it holds.
//
// # Safety
// `verifier` is a verifier; the inputs and the proof are there.
VeilpayStatus veilpay_verify(const struct VeilpayVerifier *verifier,
                             uint8_t circuit,
                             uint16_t version,
                             const uint8_t *inputs,
                             size_t input_count,
                             const uint8_t *proof,
                             size_t proof_length,
                             struct VeilpayError *error);

// Whether `count` proofs hold, in a fraction of the time that one after the other takes.
//
// `VEILPAY_STATUS_OK`: all do. `VEILPAY_STATUS_PROOF`: some do not, and `verdicts`, which may be null and else takes `count` bytes, has 1
// for each that holds and 0 for each that does not. Any other status: nothing was verified, and nothing is written; so it
// is when an input is no field element or there is no key for a version.
//
// # Safety
// `verifier` is a verifier; `proofs` points to `count` values whose bytes are there; `verdicts` takes `count` bytes or is null.
VeilpayStatus veilpay_verify_batch(const struct VeilpayVerifier *verifier,
                                   const struct VeilpayProof *proofs,
                                   size_t count,
                                   uint8_t *verdicts,
                                   struct VeilpayError *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* VEILPAY_H */
