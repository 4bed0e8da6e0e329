//! A chain in memory.

use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind, U256};
use revm::state::AccountInfo;
use revm::{Context, DatabaseRef, ExecuteCommitEvm, MainBuilder, MainContext};
use veilpay_verifier::formats::evm::keccak256;

/// Who calls.
pub(crate) const CALLER: Address = Address::repeat_byte(0xca);
const GAS: u64 = 10_000_000;

/// The chain's state; a copy of it is a fork.
#[derive(Clone)]
pub(crate) struct Chain {
    db: CacheDB<EmptyDB>,
    pub(crate) id: u64,
    pub(crate) time: u64,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It went well and gave these bytes.
    Ok(Vec<u8>),
    /// It was reverted with these bytes.
    Reverted(Vec<u8>),
    /// It ended otherwise: no gas, or an instruction that is none.
    Halted,
}

/// An error of Solidity: its signature and its argument.
pub(crate) fn error(signature: &str, arguments: &[U256]) -> Answer {
    let mut bytes = keccak256(signature.as_bytes())[..4].to_vec();
    bytes.extend(arguments.iter().flat_map(|x| x.to_be_bytes::<32>()));
    Answer::Reverted(bytes)
}

impl Chain {
    pub(crate) fn new() -> Self {
        let mut db = CacheDB::<EmptyDB>::default();
        db.insert_account_info(
            CALLER,
            AccountInfo { balance: U256::from(10u64).pow(U256::from(24)), ..AccountInfo::default() },
        );
        Self { db, id: 1, time: 1_800_000_000 }
    }

    fn run(&mut self, to: TxKind, data: Vec<u8>, value: U256, gas: u64) -> ExecutionResult {
        let (id, time) = (self.id, self.time);
        let context = Context::mainnet().with_db(&mut self.db);
        let context = context.modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::CANCUN);
            cfg.chain_id = id;
            cfg.disable_nonce_check = true;
        });
        let mut evm = context.modify_block_chained(|block| block.timestamp = U256::from(time)).build_mainnet();
        let tx = TxEnv::builder().caller(CALLER).chain_id(Some(id)).gas_limit(gas).kind(to).value(value);
        evm.transact_commit(tx.data(Bytes::from(data)).build().unwrap()).unwrap()
    }

    /// Deploys a contract: its code with its constructor's arguments.
    pub(crate) fn deploy(&mut self, code: Vec<u8>) -> Address {
        match self.run(TxKind::Create, code, U256::ZERO, GAS) {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => address,
            other => panic!("{other:?}"),
        }
    }

    /// A call with a value and so much gas; what it gave, and the gas that it used.
    pub(crate) fn call_with(&mut self, to: Address, data: &[u8], value: U256, gas: u64) -> (Answer, u64) {
        let result = self.run(TxKind::Call(to), data.to_vec(), value, gas);
        let used = result.tx_gas_used();
        let answer = match result {
            ExecutionResult::Success { output, .. } => Answer::Ok(output.into_data().to_vec()),
            ExecutionResult::Revert { output, .. } => Answer::Reverted(output.to_vec()),
            ExecutionResult::Halt { .. } => Answer::Halted,
        };
        (answer, used)
    }

    /// A call without value and with gas enough.
    pub(crate) fn call(&mut self, to: Address, data: &[u8]) -> Answer {
        self.call_with(to, data, U256::ZERO, GAS).0
    }

    pub(crate) fn balance(&self, of: Address) -> U256 {
        self.db.basic_ref(of).unwrap().map_or(U256::ZERO, |account| account.balance)
    }
}
