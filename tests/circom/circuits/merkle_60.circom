pragma circom 2.1.0;

include "merkle.circom";

// A domain of 2^15, for measurements.
component main = MerkleRoot(60);
