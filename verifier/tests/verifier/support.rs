//! A small circuit, its keys and its proofs.

use std::sync::LazyLock;

use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::PrimeGroup;
use ark_ff::UniformRand;
use ark_groth16::{Groth16, ProvingKey};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError, Variable};
use ark_relations::lc;
use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use veilpay_protocol::circuit::CircuitId;
use veilpay_protocol::enrol::EnrolStatement;
use veilpay_protocol::identity::IdentityStatement;
use veilpay_protocol::keys::UserId;
use veilpay_protocol::statement::Statement;
use veilpay_verifier::{KeyInfo, KeyPoints, PreparedVerifyingKey, Proof, Setup, VerifyingKey};

pub(crate) type ArkKey = ark_groth16::VerifyingKey<Bn254>;
pub(crate) type ArkProof = ark_groth16::Proof<Bn254>;

pub(crate) const INFO: KeyInfo =
    KeyInfo { circuit: CircuitId::Enrol, version: 1, setup: Setup::Dev, matrix_digest: [7; 64] };

/// The product of the public inputs is a wire.
pub(crate) struct Product(pub(crate) Vec<Fr>);

impl ConstraintSynthesizer<Fr> for Product {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let mut product = (Fr::from(1u64), Variable::One);
        for x in self.0 {
            let input = cs.new_input_variable(|| Ok(x))?;
            let value = product.0 * x;
            let wire = cs.new_witness_variable(|| Ok(value))?;
            cs.enforce_r1cs_constraint(|| lc!() + product.1, || lc!() + input, || lc!() + wire)?;
            product = (value, wire);
        }
        Ok(())
    }
}

pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// The trapdoor of a key.
#[derive(Clone, Copy)]
pub(crate) struct Trapdoor {
    pub(crate) alpha: Fr,
    pub(crate) beta: Fr,
    pub(crate) gamma: Fr,
    pub(crate) delta: Fr,
}

impl Trapdoor {
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = rng(seed);
        let mut next = || Fr::rand(&mut rng);
        Self { alpha: next(), beta: next(), gamma: next(), delta: next() }
    }

    pub(crate) fn proving_key(self) -> ProvingKey<Bn254> {
        let Self { alpha, beta, gamma, delta } = self;
        let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
        let circuit = Product(statement().to_fields());
        Groth16::<Bn254>::generate_parameters_with_qap(circuit, alpha, beta, gamma, delta, g1, g2, &mut rng(99))
            .expect("the circuit has a key")
    }

    pub(crate) fn key(self) -> ArkKey {
        self.proving_key().vk
    }
}

pub(crate) fn points(key: &ArkKey) -> KeyPoints {
    let ArkKey { alpha_g1: alpha, beta_g2: beta, gamma_g2: gamma, delta_g2: delta, gamma_abc_g1 } = key.clone();
    KeyPoints { alpha, beta, gamma, delta, ic: gamma_abc_g1 }
}

pub(crate) fn verifying_key(key: &ArkKey) -> VerifyingKey {
    VerifyingKey::new(INFO, points(key))
}

pub(crate) fn statement() -> Statement {
    let user = UserId::new(Fr::from(11u64));
    let rk = veilpay_protocol::curve::generator();
    Statement::Enrol(EnrolStatement { user, rk, challenge: Fr::from(13u64) })
}

/// A statement of another circuit.
pub(crate) fn other_statement() -> Statement {
    Statement::Identity(IdentityStatement {
        registry_root: Default::default(),
        sanctions_root: Default::default(),
        now: 0,
        min_tier: 0,
        jurisdictions: [0; 8],
        scope: Default::default(),
        scope_nullifier: Default::default(),
        rk: veilpay_protocol::curve::generator(),
        binding: Default::default(),
    })
}

/// A key, a proof of [`statement`] under it, and both as arkworks has them.
pub(crate) struct Case {
    pub(crate) ark_key: ArkKey,
    pub(crate) ark_proof: ArkProof,
    pub(crate) key: VerifyingKey,
    pub(crate) prepared: PreparedVerifyingKey,
    pub(crate) inputs: Vec<Fr>,
    pub(crate) proof: Proof,
}

/// The case that most tests share.
pub(crate) static CASE: LazyLock<Case> = LazyLock::new(|| {
    let trapdoor = Trapdoor { gamma: Fr::from(1u64), ..Trapdoor::random(1) };
    let proving_key = trapdoor.proving_key();
    let inputs = statement().to_fields();
    let ark_proof =
        Groth16::<Bn254>::create_random_proof_with_reduction(Product(inputs.clone()), &proving_key, &mut rng(2))
            .expect("the witness satisfies");
    let key = verifying_key(&proving_key.vk);
    let prepared = PreparedVerifyingKey::new(&key).expect("the key obeys S1");
    Case { ark_key: proving_key.vk, ark_proof: ark_proof.clone(), key, prepared, inputs, proof: ours(&ark_proof) }
});

pub(crate) fn ours(proof: &ArkProof) -> Proof {
    Proof::new(proof.a, proof.b, proof.c).expect("honest points are in their groups")
}
