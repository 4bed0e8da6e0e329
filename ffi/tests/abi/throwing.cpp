/* A ledger whose circuit_status throws, or answers that it failed: throwing TRANSACTION throw|answer. */
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "veilpay.h"

static bool throws;

static void asked() {
    std::puts("asked");
    std::fflush(stdout);
    if (throws) throw std::runtime_error("the storage is away");
}

static int32_t circuit_status(void *, uint8_t, uint16_t) {
    asked();
    return VEILPAY_FAILED;
}
static int32_t known(void *, const uint8_t *) { return VEILPAY_FAILED; }
static int32_t root(void *, const uint8_t *, uint64_t *) { return VEILPAY_FAILED; }
static int32_t tag(void *, uint64_t, const uint8_t *) { return VEILPAY_FAILED; }
static int32_t balance(void *, const uint8_t *, const uint8_t *, uint64_t *) { return VEILPAY_FAILED; }
static int32_t pool(void *, const uint8_t *, uint16_t, uint64_t *) { return VEILPAY_FAILED; }

int main(int, char **arguments) {
    std::ifstream file(arguments[1], std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    throws = !std::strcmp(arguments[2], "throw");
    VeilpayLedger ledger = {};
    ledger.circuit_status = circuit_status;
    ledger.is_recent_note_root = ledger.has_nullifier = known;
    ledger.registry_root_status = ledger.sanctions_root_status = ledger.minimum_fee = root;
    ledger.has_trace_tag = tag;
    ledger.balance = balance;
    ledger.pool = pool;
    VeilpayVerifier *verifier = nullptr;
    VeilpayVerified *verified = nullptr;
    VeilpayError error;
    if (veilpay_parameters(VEILPAY_NETWORK_LOCAL, &ledger.parameters, &error) != VEILPAY_STATUS_OK) return 1;
    if (veilpay_verifier_new(nullptr, 0, &verifier, &error) != VEILPAY_STATUS_OK) return 1;
    /* circuit_status is the first that the rules ask, before they look at anything else of the transaction. */
    try {
        const VeilpayStatus status = veilpay_transaction_check(
            verifier, &ledger, reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size(), &verified, &error);
        std::printf("status %d\n", static_cast<int>(status));
    } catch (const std::exception &) {
        std::puts("the exception came through");
    }
    veilpay_verifier_free(verifier);
    return 0;
}
