-- Version 2 of the reference ledger's database. Integers that may exceed 2^63 - 1 (amounts, epochs) are stored as the
-- 64-bit two's complement of the same bits. Blobs are the protocol's canonical encodings.

CREATE TABLE tip (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    frontier BLOB NOT NULL
) STRICT;

CREATE TABLE blocks (
    height INTEGER NOT NULL PRIMARY KEY,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    note_root BLOB NOT NULL,
    note_count INTEGER NOT NULL,
    nullifier_count INTEGER NOT NULL,
    registry_root BLOB NOT NULL,
    registry_sequence INTEGER NOT NULL,
    sanctions_root BLOB NOT NULL,
    sanctions_sequence INTEGER NOT NULL,
    content BLOB NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL,
    -- What the content is when it is small: the genesis digest, a circuit's version and its status, or a verifying key.
    payload BLOB
) STRICT;

CREATE TABLE transactions (
    height INTEGER NOT NULL PRIMARY KEY,
    txid BLOB NOT NULL UNIQUE,
    circuit INTEGER NOT NULL,
    version INTEGER NOT NULL,
    asset BLOB NOT NULL,
    source BLOB,
    v_pub_in INTEGER NOT NULL,
    target BLOB,
    v_pub_out INTEGER NOT NULL,
    fee_collector BLOB,
    fee INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    trace_tag BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (epoch, trace_tag)
) STRICT;

CREATE TABLE nullifiers (
    position INTEGER NOT NULL PRIMARY KEY,
    nullifier BLOB NOT NULL UNIQUE,
    height INTEGER NOT NULL
) STRICT;

CREATE TABLE notes (
    position INTEGER NOT NULL PRIMARY KEY,
    commitment BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    height INTEGER NOT NULL
) STRICT;

CREATE TABLE registry_deltas (
    sequence INTEGER NOT NULL PRIMARY KEY,
    height INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE sanctions_deltas (
    sequence INTEGER NOT NULL PRIMARY KEY,
    height INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
