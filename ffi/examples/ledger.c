/*
 * A ledger in C: it replays a history of deltas and transactions and says what it accepted and what it refused, by which rule.
 *
 *     cargo build --release -p veilpay-ffi
 *     cc -std=c11 -Wall -Wextra -Iffi/include ffi/examples/ledger.c -o ledger target/release/libveilpay.a -lpthread -ldl -lm
 *     ./ledger vectors/ledger
 *
 * It is an example, with one thread and its state in plain arrays. What a node must add:
 *
 * - Storage: everything that apply changes is written as one, and is safe on disk before anybody is told.
 * - A lock, held over settle and apply, where `lock` and `unlock` stand below.
 * - The ciphertexts of the notes, which apply drops here: without them receivers never find their money.
 * - The roots of the lists that were superseded, and the times of the blocks that superseded them: here a payment that was made before
 *   an enrolment is refused right after it.
 * - The machine's clock as `now` of settle. Here it is the last block's time, since the history is of another day.
 * - Blocks, their times, and the way back when some are undone; the deltas of the sanctions list, which this history has none of.
 * - Further circuit versions: a key for each in veilpay_verifier_new, and their states in circuit_status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "veilpay.h"

#define MAX 256
#define FILE_MAX (1 << 16)

typedef struct {
    uint8_t account[32], asset[32];
    uint64_t amount;
} Balance;

typedef struct {
    uint8_t asset[32];
    uint64_t amount; /* of its least fee, or of a pool */
    uint16_t version;
} Amount;

typedef struct {
    VeilpayLedger view;
    VeilpayVerifier *verifier;
    VeilpayLists *lists;
    VeilpayNotes *notes;
    uint8_t issuer[32];
    uint8_t note_roots[MAX][32], nullifiers[MAX][32], tags[MAX][32];
    uint64_t tag_epochs[MAX];
    size_t note_root_count, nullifier_count, tag_count, balance_count, asset_count, pool_count;
    Balance balances[MAX];
    Amount assets[MAX], pools[MAX];
} Ledger;

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

static void must(VeilpayStatus status, const VeilpayError *error) {
    if (status != VEILPAY_STATUS_OK) fail(error->rule, error->message);
}

/* A place in an array that has room for it. */
static size_t next(size_t *count) {
    if (*count == MAX) fail("this example", "holds no more");
    return (*count)++;
}

/* ---- what the rules ask ------------------------------------------------------------------------------------------------- */

static int32_t among(const uint8_t (*known)[32], size_t count, const uint8_t *one) {
    for (size_t i = 0; i < count; i++)
        if (!memcmp(known[i], one, 32)) return 1;
    return 0;
}

static int32_t circuit_status(void *context, uint8_t circuit, uint16_t version) {
    (void)context;
    return circuit == VEILPAY_CIRCUIT_TRANSFER2X3 && version == 1 ? VEILPAY_ENABLED : VEILPAY_UNKNOWN;
}

static int32_t is_recent_note_root(void *context, const uint8_t *root) {
    const Ledger *ledger = context;
    size_t keep = ledger->view.parameters.recent_roots, count = ledger->note_root_count;
    size_t from = count > keep ? count - keep : 0;
    return among(ledger->note_roots + from, count - from, root);
}

/* A node also knows the roots that were superseded, and answers VEILPAY_ROOT_SUPERSEDED with their times. */
static int32_t list_root_status(const Ledger *ledger, const uint8_t *root, int registry) {
    uint8_t roots[2][32];
    if (veilpay_lists_roots(ledger->lists, roots[0], roots[1], NULL) != VEILPAY_STATUS_OK) return VEILPAY_FAILED;
    return memcmp(roots[registry ? 0 : 1], root, 32) ? VEILPAY_ROOT_UNKNOWN : VEILPAY_ROOT_CURRENT;
}

static int32_t registry_root_status(void *context, const uint8_t *root, uint64_t *superseded_at) {
    (void)superseded_at;
    return list_root_status(context, root, 1);
}

static int32_t sanctions_root_status(void *context, const uint8_t *root, uint64_t *superseded_at) {
    (void)superseded_at;
    return list_root_status(context, root, 0);
}

static int32_t has_nullifier(void *context, const uint8_t *nullifier) {
    const Ledger *ledger = context;
    return among(ledger->nullifiers, ledger->nullifier_count, nullifier);
}

static int32_t has_trace_tag(void *context, uint64_t epoch, const uint8_t *tag) {
    const Ledger *ledger = context;
    for (size_t i = 0; i < ledger->tag_count; i++)
        if (ledger->tag_epochs[i] == epoch && !memcmp(ledger->tags[i], tag, 32)) return 1;
    return 0;
}

static int32_t minimum_fee(void *context, const uint8_t *asset, uint64_t *fee) {
    const Ledger *ledger = context;
    for (size_t i = 0; i < ledger->asset_count; i++)
        if (!memcmp(ledger->assets[i].asset, asset, 32)) {
            *fee = ledger->assets[i].amount;
            return 1;
        }
    return 0;
}

static Balance *find_balance(Ledger *ledger, const uint8_t *account, const uint8_t *asset) {
    for (size_t i = 0; i < ledger->balance_count; i++) {
        Balance *balance = &ledger->balances[i];
        if (!memcmp(balance->account, account, 32) && !memcmp(balance->asset, asset, 32)) return balance;
    }
    return NULL;
}

static int32_t balance_of(void *context, const uint8_t *account, const uint8_t *asset, uint64_t *amount) {
    const Balance *balance = find_balance(context, account, asset);
    *amount = balance ? balance->amount : 0;
    return 0;
}

static Amount *find_pool(Ledger *ledger, const uint8_t *asset, uint16_t version) {
    for (size_t i = 0; i < ledger->pool_count; i++) {
        Amount *pool = &ledger->pools[i];
        if (pool->version == version && !memcmp(pool->asset, asset, 32)) return pool;
    }
    return NULL;
}

static int32_t pool_of(void *context, const uint8_t *asset, uint16_t version, uint64_t *amount) {
    const Amount *pool = find_pool(context, asset, version);
    *amount = pool ? pool->amount : 0;
    return 0;
}

/* ---- what changes ------------------------------------------------------------------------------------------------------- */

static void set_balance(Ledger *ledger, const uint8_t *account, const uint8_t *asset, uint64_t amount) {
    Balance *balance = find_balance(ledger, account, asset);
    if (!balance) {
        balance = &ledger->balances[next(&ledger->balance_count)];
        memcpy(balance->account, account, 32);
        memcpy(balance->asset, asset, 32);
    }
    balance->amount = amount;
}

static void set_pool(Ledger *ledger, const VeilpayPool *set) {
    Amount *pool = find_pool(ledger, set->asset, set->version);
    if (!pool) {
        pool = &ledger->pools[next(&ledger->pool_count)];
        memcpy(pool->asset, set->asset, 32);
        pool->version = set->version;
    }
    pool->amount = set->amount;
}

/* The root of the note tree as it is now, among those that were. */
static void record_root(Ledger *ledger) {
    VeilpayError error;
    must(veilpay_notes_root(ledger->notes, ledger->note_roots[next(&ledger->note_root_count)], &error), &error);
    ledger->view.note_count = veilpay_notes_count(ledger->notes);
}

/* A node writes all of this to its storage, waits until it is there, and only then tells anybody. */
static void apply(Ledger *ledger, const VeilpayEffects *effects, const VeilpayEffectsInfo *info) {
    VeilpayError error;
    for (size_t i = 0; i < info->nullifiers; i++) {
        uint8_t *nullifier = ledger->nullifiers[next(&ledger->nullifier_count)];
        must(veilpay_effects_nullifier(effects, i, nullifier, &error), &error);
    }
    for (size_t i = 0; i < info->notes; i++) {
        uint8_t commitment[32], ciphertext[VEILPAY_CIPHERTEXT_BYTES];
        must(veilpay_effects_note(effects, i, commitment, ciphertext, &error), &error);
        must(veilpay_notes_append(ledger->notes, commitment, NULL, &error), &error);
        /* A node keeps the ciphertext: wallets read them in bulk to find their notes. This example drops it. */
    }
    for (size_t i = 0; i < info->balances; i++) {
        VeilpayBalance balance;
        must(veilpay_effects_balance(effects, i, &balance, &error), &error);
        set_balance(ledger, balance.account, balance.asset, balance.amount);
    }
    size_t tag = next(&ledger->tag_count);
    memcpy(ledger->tags[tag], info->trace_tag, 32);
    ledger->tag_epochs[tag] = info->epoch;
    set_pool(ledger, &info->pool);
    record_root(ledger);
    ledger->view.height++;
}

static void submit(Ledger *ledger, const char *name, const uint8_t *bytes, size_t length) {
    VeilpayError error;
    VeilpayVerified *verified = NULL;
    VeilpayEffects *effects = NULL;
    VeilpayEffectsInfo info;
    /* lock: while check runs, other threads change ledger->view; so it gets a copy. The verifier never changes. */
    const VeilpayLedger snapshot = ledger->view;
    /* unlock. Signatures and proof: milliseconds, on any thread. Of the functions only circuit_status is called, which must bear that. */
    VeilpayStatus status = veilpay_transaction_check(ledger->verifier, &snapshot, bytes, length, &verified, &error);
    /* lock, until the effects are stored. The ledger's state as it is now: microseconds. */
    if (status == VEILPAY_STATUS_OK)
        status = veilpay_transaction_settle(verified, &ledger->view, ledger->view.time, &effects, &error);
    if (status == VEILPAY_STATUS_OK) {
        must(veilpay_effects_info(effects, &info, &error), &error);
        apply(ledger, effects, &info);
        printf("accepted %s: pool %llu, %llu notes\n", name, (unsigned long long)info.pool.amount,
               (unsigned long long)ledger->view.note_count);
    } else if (status == VEILPAY_STATUS_REJECTED) {
        printf("refused %s: %s %s\n", name, error.rule, error.code);
    } else {
        fail(name, error.message); /* not the transaction's fault: it may be good */
    }
    /* unlock */
    veilpay_effects_free(effects);
    veilpay_verified_free(verified);
}

/* ---- reading the history ------------------------------------------------------------------------------------------------ */

static void hex(const char *text, uint8_t out[32]) {
    if (strlen(text) != 64) fail(text, "not 32 bytes in hex");
    for (int i = 0; i < 32; i++)
        if (sscanf(text + 2 * i, "%2hhx", &out[i]) != 1) fail(text, "not 32 bytes in hex");
}

static size_t read_file(const char *folder, const char *name, uint8_t *out) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) fail(path, "cannot be opened");
    size_t length = fread(out, 1, FILE_MAX, file);
    if (length == FILE_MAX && fgetc(file) != EOF) fail(path, "is longer than anything here");
    fclose(file);
    return length;
}

static void step(Ledger *ledger, const char *folder, const char *action, char words[3][128], int count) {
    static uint8_t bytes[FILE_MAX];
    VeilpayError error;
    int needed = !strcmp(action, "balance") ? 3 : !strcmp(action, "asset") ? 2 : 1;
    if (count < needed) fail(action, "words are missing");
    if (!strcmp(action, "network")) {
        must(veilpay_parameters((uint8_t)atoi(words[0]), &ledger->view.parameters, &error), &error);
    } else if (!strcmp(action, "ledger")) {
        hex(words[0], ledger->view.ledger_id);
    } else if (!strcmp(action, "issuer")) {
        hex(words[0], ledger->issuer);
        must(veilpay_lists_new(ledger->view.ledger_id, ledger->issuer, &ledger->lists, &error), &error);
    } else if (!strcmp(action, "time")) {
        ledger->view.time = strtoull(words[0], NULL, 10);
    } else if (!strcmp(action, "asset")) {
        Amount *asset = &ledger->assets[next(&ledger->asset_count)];
        hex(words[0], asset->asset);
        asset->amount = strtoull(words[1], NULL, 10);
    } else if (!strcmp(action, "balance")) {
        uint8_t account[32], asset[32];
        hex(words[0], account);
        hex(words[1], asset);
        set_balance(ledger, account, asset, strtoull(words[2], NULL, 10));
    } else if (!strcmp(action, "key")) {
        VeilpayBytes key = {bytes, read_file(folder, words[0], bytes)};
        must(veilpay_verifier_new(&key, 1, &ledger->verifier, &error), &error);
    } else if (!strcmp(action, "registry")) {
        size_t length = read_file(folder, words[0], bytes);
        must(veilpay_lists_apply_registry(ledger->lists, bytes, length, &error), &error);
        ledger->view.height++;
    } else if (!strcmp(action, "transaction")) {
        submit(ledger, words[0], bytes, read_file(folder, words[0], bytes));
    } else {
        fail(action, "no such action");
    }
}

int main(int count, char **arguments) {
    static Ledger ledger;
    VeilpayError error;
    if (count != 2) fail("usage", "ledger FOLDER");
    if (veilpay_abi() != VEILPAY_ABI) fail("libveilpay", "is of another version than the header");
    ledger.view.context = &ledger;
    ledger.view.circuit_status = circuit_status;
    ledger.view.is_recent_note_root = is_recent_note_root;
    ledger.view.registry_root_status = registry_root_status;
    ledger.view.sanctions_root_status = sanctions_root_status;
    ledger.view.has_nullifier = has_nullifier;
    ledger.view.has_trace_tag = has_trace_tag;
    ledger.view.minimum_fee = minimum_fee;
    ledger.view.balance = balance_of;
    ledger.view.pool = pool_of;
    must(veilpay_notes_new(&ledger.notes, &error), &error);
    record_root(&ledger);

    char path[4096], line[512];
    snprintf(path, sizeof path, "%s/history.txt", arguments[1]);
    FILE *history = fopen(path, "r");
    if (!history) fail(path, "cannot be opened");
    while (fgets(line, sizeof line, history)) {
        char action[32], words[3][128];
        int found = sscanf(line, "%31s %127s %127s %127s", action, words[0], words[1], words[2]);
        if (found >= 1) step(&ledger, arguments[1], action, words, found - 1);
    }
    fclose(history);

    veilpay_notes_free(ledger.notes);
    veilpay_lists_free(ledger.lists);
    veilpay_verifier_free(ledger.verifier);
    return 0;
}
