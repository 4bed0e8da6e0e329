pragma circom 2.1.0;

include "squares.circom";

// 254 constraints, the one and one output: a domain of 256 with no row to spare.
component main = Squares(254);
