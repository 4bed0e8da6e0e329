# What people run by hand. `just` alone lists it.

_default:
    @just --list

# everything that a change must pass
check:
    .ci/run

# all tests
test:
    cargo test --release --workspace

# the whole way of a payment, with real proofs, on this machine
demo *args:
    cargo run --release -- demo {{args}}

# the benches; each checks its answer
bench:
    cargo bench -p veilpay-benches

# our prover beside arkworks': the figures of docs/BENCHMARKS.md
compare *args:
    cargo run --release -- bench {{args}}

# the documentation of all crates, warnings as errors
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --workspace

# licences, banned crates, sources, advisories
deny:
    cargo deny check

# what takes too long for every change: the benches, each of which checks its answers, and a ceremony for a payment's circuit
assure:
    cargo bench -p veilpay-benches
    VEILPAY_ASSURE=1 VEILPAY_REQUIRE=node cargo test --release -p veilpay-cli --test command ceremony

# write the pinned shapes anew; read the difference before committing it
bless:
    VEILPAY_BLESS=1 cargo test --release -p veilpay-circuits shape
    VEILPAY_BLESS=1 cargo test --release -p veilpay-prover --lib pins

# write the C header anew from the sources of veilpay-ffi
header:
    VEILPAY_BLESS=1 cargo test --release -p veilpay-ffi --test abi header
