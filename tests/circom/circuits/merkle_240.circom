pragma circom 2.1.0;

include "merkle.circom";

// A domain of 2^17, for measurements.
component main = MerkleRoot(240);
