//! Groth16 on the kernels: from an assignment and its rows to the three points.
//!
//! With z the assignment, over all wires i and rows j,
//!
//! - A = alpha + sum z_i A_i + r delta, B = beta + sum z_i B_i + s delta,
//! - C = sum z_i L_i + sum h_j H_j + s A + r B_1 - r s delta, L over private wires, h on the odd coset
//!   ([`reduction`](crate::reduction)).
//!
//! A proof for r = s = 0 can be blinded after the fact (Groth, Maller, 2017): for random t and u, not zero,
//! (A / t, t (B + u delta), C + u A) is distributed as a proof with random r and s is, as long as A is not the
//! identity: A / t is uniform among the other points, B's part uniform by u, and C what the equation leaves. It needs
//! no sum over B in G1, a sixth of all additions on G1; so fresh proofs are blinded that way, and given r and s, which
//! tests compare with other provers, the other way.

mod mask;
pub(crate) mod parts;
mod queries;

use std::sync::{Mutex, OnceLock, PoisonError};

use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{BigInt, Field, Zero};
use veilpay_kernels::{Backend, Digits, Domain, G1Bases, G2Bases, Windows, Workspace};
use veilpay_protocol::field::Fr;
use zeroize::Zeroizing;

use self::mask::Mask;
pub use self::mask::Timing;
pub(crate) use self::queries::{Fixed, Queries, Query};

use crate::entropy::{self, NoEntropy};
use crate::r1cs::Shape;
use parts::{Part, Parts};

/// What hides the witness in a proof.
pub(crate) enum Blinding {
    /// t and u: fresh for each proof.
    Fresh { t: Zeroizing<Fr>, u: Zeroizing<Fr> },
    /// r and s.
    Given { r: Zeroizing<Fr>, s: Zeroizing<Fr> },
}

impl Blinding {
    /// From the operating system.
    pub(crate) fn fresh() -> Result<Self, NoEntropy> {
        Ok(Self::Fresh { t: entropy::scalar()?, u: entropy::scalar()? })
    }

    /// r and s as given, for comparisons.
    pub(crate) fn given(r: Fr, s: Fr) -> Self {
        Self::Given { r: Zeroizing::new(r), s: Zeroizing::new(s) }
    }
}

/// A proving key laid out for the kernels; any number of proofs use it at once.
pub(crate) struct Prover {
    backend: Backend,
    wires: Windows,
    rows: Windows,
    fixed: Fixed,
    a: G1Bases,
    /// Laid out when r and s are given for the first time.
    b_g1: OnceLock<G1Bases>,
    b_g2: G2Bases,
    l: G1Bases,
    h: G1Bases,
    domain: Domain,
    workspaces: Mutex<Vec<Workspace>>,
    /// Made for the first proof with uniform timing.
    mask: OnceLock<Mask>,
}

/// The points of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Points {
    pub(crate) a: G1Affine,
    pub(crate) b: G2Affine,
    pub(crate) c: G1Affine,
}

/// The sums over wires and rows.
struct Sums {
    a: G1Projective,
    b_g2: G2Projective,
    l: G1Projective,
    h: G1Projective,
}

fn join4<A: Send, B: Send, C: Send, D: Send>(
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
    c: impl FnOnce() -> C + Send,
    d: impl FnOnce() -> D + Send,
) -> (A, B, C, D) {
    let ((a, b), (c, d)) = rayon::join(|| rayon::join(a, b), || rayon::join(c, d));
    (a, b, c, d)
}

impl Prover {
    /// Lays out a key for a system of `shape`, whose domain the field must have. In the current rayon pool, whose
    /// threads are as many as will prove at once.
    ///
    /// # Errors
    /// Those of `queries`.
    pub(crate) fn new<Q: Queries>(
        backend: Backend,
        fixed: Fixed,
        shape: &Shape,
        queries: &Q,
    ) -> Result<Self, Q::Error> {
        let (wires, rows) = (Windows::for_scalars(shape.num_variables()), Windows::for_scalars(shape.domain_size));
        let g1 = |query, public| {
            G1Bases::from_packed(backend, public, &queries.packed(query)?)
                .map_err(|error| queries.refused(query, error))
        };
        let ((b_g2, a, l, h), domain) = rayon::join(
            || {
                join4(
                    || {
                        G2Bases::from_packed(backend, 0, &queries.packed(Query::B2)?)
                            .map_err(|error| queries.refused(Query::B2, error))
                    },
                    || g1(Query::A, 0),
                    || g1(Query::L, shape.num_instance),
                    || g1(Query::H, 0),
                )
            },
            || Domain::for_rows(backend, shape.domain_size),
        );
        let domain = domain.expect("the caller has seen that the field has this domain");
        Ok(Self {
            backend,
            a: a?,
            b_g1: OnceLock::new(),
            b_g2: b_g2?,
            l: l?,
            h: h?,
            wires,
            rows,
            fixed,
            domain,
            workspaces: Mutex::default(),
            mask: OnceLock::new(),
        })
    }

    /// What it computes with.
    pub(crate) const fn backend(&self) -> Backend {
        self.backend
    }

    /// Digits of scalars of all wires.
    fn wire_digits(&self, z: &[Fr]) -> Digits {
        Digits::new(self.backend, z, self.wires.clone())
    }

    /// The mask, made now if this is the first time.
    fn mask(&self, wires: usize) -> Result<&Mask, NoEntropy> {
        if let Some(mask) = self.mask.get() {
            return Ok(mask);
        }
        let mask = Mask::new(self, wires)?;
        Ok(self.mask.get_or_init(|| mask))
    }

    /// The values of A B - C on the odd coset.
    fn quotient(&self, a: &[Fr], b: &[Fr]) -> Zeroizing<Vec<BigInt<4>>> {
        let lock = || self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = lock().pop().unwrap_or_default();
        let mut out = Zeroizing::new(vec![BigInt::default(); self.domain.size()]);
        self.domain.quotient_on_odd_coset(&mut workspace, a, b, None, &mut out);
        // Not left behind until the next proof.
        workspace.erase();
        let mut kept = lock();
        // More proofs at once than there are threads need no more room at once, for long.
        if kept.len() < rayon::current_num_threads() {
            kept.push(workspace);
        }
        drop(kept);
        out
    }

    /// The proof of assignment `z`, whose products with the matrices' rows are `a` and `b`. One that does not satisfy
    /// the circuit gives a proof too, which does not verify. In the current rayon pool.
    ///
    /// # Errors
    /// [`NoEntropy`] when the mask of the uniform timing cannot be drawn, and what keeps the query of B in G1 from being
    /// laid out when it is needed.
    pub(crate) fn prove<Q: Queries>(
        &self,
        z: &[Fr],
        (a, b): (&[Fr], &[Fr]),
        blinding: &Blinding,
        timing: Timing,
        queries: &Q,
    ) -> Result<Points, Q::Error> {
        let mask = match timing {
            Timing::Fast => None,
            Timing::Uniform => Some(self.mask(z.len())?),
        };
        let (h, (wires, (sum_a, b_g2, l))) = rayon::join(
            || {
                let mut quotient = self.quotient(a, b);
                if let Some(mask) = mask {
                    mask.add_to_rows(&mut quotient);
                }
                self.h.msm(&self.row_digits(&quotient))
            },
            || {
                let wires = mask.map_or_else(|| self.wire_digits(z), |mask| self.wire_digits(&mask.add(z)));
                let (b_g2, (a, l)) =
                    rayon::join(|| self.b_g2.msm(&wires), || rayon::join(|| self.a.msm(&wires), || self.l.msm(&wires)));
                (wires, (a, b_g2, l))
            },
        );
        self.finish(Sums { a: sum_a, b_g2, l, h }, &wires, mask, blinding, queries)
    }

    /// As [`Self::prove`], one part after the other, each with all threads; and how long each takes.
    pub(crate) fn prove_by_parts<Q: Queries>(
        &self,
        z: &[Fr],
        (a, b): (&[Fr], &[Fr]),
        blinding: &Blinding,
        queries: &Q,
        parts: &mut Parts,
    ) -> Result<Points, Q::Error> {
        let quotient = parts.time(Part::Quotient, || self.quotient(a, b));
        let (wires, rows) = parts.time(Part::Digits, || (self.wire_digits(z), self.row_digits(&quotient)));
        let sums = Sums {
            a: parts.time(Part::A, || self.a.msm(&wires)),
            b_g2: parts.time(Part::B2, || self.b_g2.msm(&wires)),
            l: parts.time(Part::L, || self.l.msm(&wires)),
            h: parts.time(Part::H, || self.h.msm(&rows)),
        };
        parts.time(Part::Finish, || self.finish(sums, &wires, None, blinding, queries))
    }

    fn row_digits(&self, quotient: &[BigInt<4>]) -> Digits {
        Digits::from_integers(self.backend, quotient, self.rows.clone())
    }

    /// The query of B in G1, laid out now if this is the first time.
    fn b_g1<Q: Queries>(&self, queries: &Q) -> Result<&G1Bases, Q::Error> {
        if let Some(bases) = self.b_g1.get() {
            return Ok(bases);
        }
        let packed = queries.packed(Query::B1)?;
        let bases =
            G1Bases::from_packed(self.backend, 0, &packed).map_err(|error| queries.refused(Query::B1, error))?;
        Ok(self.b_g1.get_or_init(|| bases))
    }

    /// The proof from its sums.
    fn finish<Q: Queries>(
        &self,
        mut sums: Sums,
        wires: &Digits,
        mask: Option<&Mask>,
        blinding: &Blinding,
        queries: &Q,
    ) -> Result<Points, Q::Error> {
        sums.a += self.fixed.alpha;
        sums.b_g2 += self.fixed.beta.1;
        if let Some(mask) = mask {
            sums.a -= mask.a;
            sums.b_g2 -= mask.b_g2;
            sums.l -= mask.l;
            sums.h -= mask.h;
        }
        match blinding {
            Blinding::Fresh { t, u } if !sums.a.is_zero() => Ok(self.blind_after(&sums, t, u)),
            // A sum of A that is the identity, which takes chosen scalars, is blinded before.
            Blinding::Fresh { t: r, u: s } | Blinding::Given { r, s } => {
                let b_g1 = self.b_g1(queries)?;
                let mut sum = b_g1.msm(wires) + self.fixed.beta.0;
                if let Some(mask) = mask {
                    sum -= b_g1.msm(&mask.digits(self));
                }
                Ok(self.blind_before(&sums, sum, r, s))
            }
        }
    }

    fn blind_after(&self, sums: &Sums, t: &Fr, u: &Fr) -> Points {
        let inverse = Zeroizing::new(t.inverse().unwrap_or_else(Fr::zero));
        let (a, b, ua, _) =
            join4(|| sums.a * *inverse, || (sums.b_g2 + self.fixed.delta.1 * *u) * *t, || sums.a * *u, || ());
        points(a, b, sums.l + sums.h + ua)
    }

    fn blind_before(&self, sums: &Sums, b_g1: G1Projective, r: &Fr, s: &Fr) -> Points {
        let (delta_r, delta_s) = (self.fixed.delta.0 * *r, self.fixed.delta.0 * *s);
        let (a, b_g1) = (sums.a + delta_r, b_g1 + delta_s);
        let b = sums.b_g2 + self.fixed.delta.1 * *s;
        points(a, b, sums.l + sums.h + a * *s + b_g1 * *r - delta_r * *s)
    }
}

fn points(a: G1Projective, b: G2Projective, c: G1Projective) -> Points {
    Points { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() }
}
