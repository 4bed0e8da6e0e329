//! Points from their x: square roots in Fq and Fq2, and the choice of the sign.

use ark_bn254::{Fq, Fq2, FqConfig, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::{AdditiveGroup, BigInt, Field, MontFp, PrimeField};

use crate::decode::{G1X, G2X};
use crate::roots::{EXPONENT, ODD_POWERS};
use crate::words::{canonical, mul, square};

/// 1 / 2.
const HALF: Fq = MontFp!("10944121435919637611123202872628637544348155578648911831344518947322613104292");

/// x to the power (q - 3) / 4.
fn power(x: &Fq) -> Fq {
    let x = x.0.0;
    let second = square::<FqConfig>(&x);
    let mut odd = [x; ODD_POWERS];
    for k in 1..ODD_POWERS {
        odd[k] = mul::<FqConfig>(&odd[k - 1], &second);
    }
    let (start, windows) = EXPONENT.split();
    let mut power = odd[start];
    for (squarings, factor) in windows {
        for _ in 0..*squarings {
            power = square::<FqConfig>(&power);
        }
        power = mul::<FqConfig>(&power, &odd[*factor]);
    }
    Fq::new_unchecked(BigInt(canonical::<FqConfig>(&power)))
}

fn element(x: &[u64; 4]) -> Fq {
    Fq::from_bigint(BigInt(*x)).expect("the coordinate was seen to be below q")
}

fn is_large(x: &Fq) -> bool {
    x.into_bigint() > Fq::MODULUS_MINUS_ONE_DIV_TWO
}

/// The point with this x, if there is one.
pub(crate) fn root_g1(own: &G1X) -> Option<G1Affine> {
    let x = element(&own.x);
    let a = x.square() * x + g1::Config::COEFF_B;
    let y = power(&a) * a;
    (y.square() == a).then(|| G1Affine::new_unchecked(x, if is_large(&y) == own.larger { y } else { -y }))
}

/// A root of a, if there is one: see the vectors' twin for why.
pub(crate) fn root(a: &Fq2) -> Fq2 {
    let norm = a.c0.square() + a.c1.square();
    let mut d = (a.c0 + power(&norm) * norm) * HALF;
    if d == Fq::ZERO {
        d = a.c0;
    }
    let e = power(&d);
    let (r, other) = (d * e, a.c1 * e * HALF);
    if r * e == Fq::ONE { Fq2::new(r, other) } else { Fq2::new(-other, r) }
}

/// The point of the twist with this x, if there is one; its subgroup is not looked at.
pub(crate) fn root_g2(own: &G2X) -> Option<G2Affine> {
    let x = Fq2::new(element(&own.x[0]), element(&own.x[1]));
    let a = x.square() * x + g2::Config::COEFF_B;
    let y = root(&a);
    let large = if y.c1 == Fq::ZERO { is_large(&y.c0) } else { is_large(&y.c1) };
    (y.square() == a).then(|| G2Affine::new_unchecked(x, if large == own.larger { y } else { -y }))
}
