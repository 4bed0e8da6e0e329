pragma circom 2.1.0;

// N constraints: x, squared and increased N times, is y.
template Squares(N) {
    signal input x;
    signal output y;
    signal steps[N + 1];
    steps[0] <== x;
    for (var i = 0; i < N; i++) {
        steps[i + 1] <== steps[i] * steps[i] + i;
    }
    y <== steps[N];
}
