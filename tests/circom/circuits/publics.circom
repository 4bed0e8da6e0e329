pragma circom 2.1.0;

// Two outputs, 24 public inputs of which one occurs in no constraint, 24 private ones.
template Publics(N) {
    signal input a[N];
    signal input b[N];
    signal output sum;
    signal output product;
    signal terms[N];
    signal products[N];
    var total = 0;
    terms[0] <== 0;
    products[0] <== 1;
    for (var i = 1; i < N; i++) {
        terms[i] <== a[i] * b[i];
        products[i] <== products[i - 1] * (a[i] + 3 * b[i] + i);
        total += terms[i];
    }
    sum <== total + b[0] * b[0];
    product <== products[N - 1];
}

component main {public [a]} = Publics(24);
