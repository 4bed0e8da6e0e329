pragma circom 2.1.0;

include "circomlib/circuits/poseidon.circom";

// The root of a tree of Poseidon hashes over a leaf and its path.
template MerkleRoot(LEVELS) {
    signal input leaf;
    signal input siblings[LEVELS];
    signal input right[LEVELS];
    signal output root;
    signal nodes[LEVELS + 1];
    signal lefts[LEVELS];
    component hashes[LEVELS];
    nodes[0] <== leaf;
    for (var i = 0; i < LEVELS; i++) {
        right[i] * (1 - right[i]) === 0;
        lefts[i] <== nodes[i] + right[i] * (siblings[i] - nodes[i]);
        hashes[i] = Poseidon(2);
        hashes[i].inputs[0] <== lefts[i];
        hashes[i].inputs[1] <== nodes[i] + siblings[i] - lefts[i];
        nodes[i + 1] <== hashes[i].out;
    }
    root <== nodes[LEVELS];
}
