pragma circom 2.1.0;

include "squares.circom";

// One constraint more than fits a domain of 256.
component main = Squares(255);
