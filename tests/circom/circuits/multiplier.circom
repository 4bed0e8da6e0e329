pragma circom 2.1.0;

// c is the product of a and b.
template Multiplier() {
    signal input a;
    signal input b;
    signal output c;
    c <== a * b;
}

component main = Multiplier();
