pragma circom 2.1.0;

include "merkle.circom";

// A path of 20 levels.
component main = MerkleRoot(20);
