//! `veilpay prove`: any circuit of snarkjs, with the files of `snarkjs groth16 prove` and rapidsnark.

use std::fs::File;
use std::path::Path;

use veilpay_protocol::field::Fr;
use veilpay_prover::ProveError;
use veilpay_prover::circom::{CircomError, CircomProver, ZkeyFile, wtns};
use veilpay_verifier::Proof;
use veilpay_verifier::formats::{evm, snarkjs};
use zeroize::Zeroizing;

use crate::args::{ProofFormat, ProveArgs};
use crate::error::CliError;
use crate::files::{failed, read_secret};
use crate::local::pool;
use crate::output;
use crate::outputs::{distinct, write_together};

/// The four files.
struct Files<'a> {
    zkey: &'a Path,
    wtns: &'a Path,
    proof: &'a Path,
    public: &'a Path,
}

impl<'a> Files<'a> {
    fn of(args: &'a ProveArgs) -> Option<Self> {
        if let [zkey, wtns, proof, public] = args.files.as_slice() {
            return Some(Self { zkey, wtns, proof, public });
        }
        Some(Self {
            zkey: args.zkey.as_deref()?,
            wtns: args.wtns.as_deref()?,
            proof: args.proof.as_deref()?,
            public: args.public.as_deref()?,
        })
    }
}

fn refused(path: &Path) -> impl FnOnce(CircomError) -> CliError {
    let path = path.to_owned();
    move |source| CliError::Circom { path, source }
}

/// Opens a key; in the current rayon pool.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Circom`].
pub(crate) fn open_zkey(path: &Path) -> Result<ZkeyFile, CliError> {
    let file = File::open(path).map_err(failed("read", path))?;
    ZkeyFile::open(file).map_err(|error| unusable(path, ProveError::Circom(error)))
}

/// Says on standard error which rule of S1 a stranger's key breaks: its proofs are made all the same, and say nothing to
/// whoever verifies under it.
pub(crate) fn warn_of_refusals(path: &Path, zkey: &ZkeyFile) {
    if let Err(error) = zkey.verifying_points().check() {
        output::note(&format!(
            "veilpay: warning: {}: {error}; whoever verifies under this key can be deceived",
            path.display()
        ));
    }
}

/// What is wrong with a key's file, by its name; any other error as it is.
pub(crate) fn unusable(path: &Path, error: ProveError) -> CliError {
    match error {
        ProveError::Circom(CircomError::Io(kind)) => failed("read", path)(kind.into()),
        ProveError::Circom(source) => refused(path)(source),
        other => other.into(),
    }
}

/// Reads a witness of a circuit with so many variables.
///
/// # Errors
/// [`CliError::File`] or [`CliError::Circom`].
pub(crate) fn read_wtns(path: &Path, variables: usize) -> Result<Zeroizing<Vec<Fr>>, CliError> {
    let assignment = wtns::read(&read_secret(path)?).map_err(refused(path))?;
    match assignment.len() {
        found if found == variables => Ok(assignment),
        found => Err(refused(path)(CircomError::WitnessLength { expected: variables, found })),
    }
}

fn encode(proof: &Proof, inputs: &[Fr], format: ProofFormat) -> Vec<u8> {
    match format {
        ProofFormat::Snarkjs => snarkjs::write_proof(proof).into_bytes(),
        ProofFormat::Native => proof.to_bytes().to_vec(),
        ProofFormat::Evm => evm::proof_to_bytes(proof).to_vec(),
        ProofFormat::Calldata => format!("0x{}\n", hex::encode(evm::calldata(proof, inputs))).into_bytes(),
    }
}

/// `veilpay prove`.
///
/// # Errors
/// [`CliError::Circom`] for a file that is refused, [`CliError::Unsatisfied`] for a witness that does not satisfy the
/// circuit; then neither of the two files is written.
pub(crate) fn run(args: &ProveArgs) -> Result<(), CliError> {
    let files = Files::of(args).ok_or(CliError::MissingFiles)?;
    distinct(&[files.zkey, files.wtns, files.proof, files.public])?;
    let (proof, public) = pool(args.threads.threads)?.install(|| {
        let zkey = open_zkey(files.zkey)?;
        warn_of_refusals(files.zkey, &zkey);
        let assignment = read_wtns(files.wtns, zkey.num_variables())?;
        let inputs = 1..=zkey.num_public();
        let unusable = |error| unusable(files.zkey, error);
        let output = CircomProver::new(zkey).map_err(unusable)?.prove(&assignment).map_err(|error| match error {
            ProveError::WitnessOrKey => CliError::Unsatisfied,
            error => unusable(error),
        })?;
        if output.recomputed {
            output::note("veilpay: the first proof was wrong and was computed again: have a look at this machine");
        }
        let inputs = &assignment[inputs];
        Ok::<_, CliError>((encode(&output.proof, inputs, args.format), snarkjs::write_public(inputs)))
    })?;
    write_together(&[(files.proof, &proof), (files.public, public.as_bytes())])
}
