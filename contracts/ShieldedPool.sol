// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A verifier of `transfer_2x3` as `veilpay export solidity` makes it.
interface ITransferVerifier {
    function verifyProof(uint256[2] calldata a, uint256[2][2] calldata b, uint256[2] calldata c, uint256[23] calldata inputs)
        external
        view
        returns (bool);
}

/// @title EXAMPLE of a shielded pool for the chain's own coin, over Veilpay's circuit `transfer_2x3`
/// @notice Not for money. It shows how the public inputs of a proof are to be handled on a chain. Two things are left out, and README.md beside it says what that costs: the keeper's roots are believed,
/// and the signature under `rk` is not verified.
/// @dev The numbers of rules are those of docs/PROTOCOL.md.
contract ShieldedPool {
    struct Proof {
        uint256[2] a;
        uint256[2][2] b;
        uint256[2] c;
    }

    /// What a proof is bound to beside its inputs, through `ext_hash`.
    struct External {
        /// Who gets `v_pub_out`.
        address recipient;
        /// Who gets the fee.
        address feeCollector;
        /// The last second at which it may be applied.
        uint64 deadline;
        /// The ciphertexts of the three notes, one after the other (N5).
        bytes ciphertexts;
    }

    error Reentered();
    error OnlyKeeper();
    error NoCode();
    error Expired();
    error ExtHash();
    error NotBelowR(uint256 index);
    error AmountTooLarge(uint256 index);
    error InAndOut();
    error WrongAsset();
    error UnknownNoteRoot();
    error UnknownRegistryRoot();
    error UnknownSanctionsRoot();
    error Clock();
    error Epoch();
    error Ciphertexts();
    error NullifierSeen(uint256 nullifier);
    error TraceTagSeen();
    error ProofRefused();
    error PoolTooSmall();
    error WrongValue(uint256 expected);
    error NoRecipient();
    error PaymentFailed();

    event Spent(uint256 indexed nullifier);
    event Notes(uint256 indexed firstPosition, uint256[3] commitments, uint256[2] rk, bytes ciphertexts);
    event Traced(uint256 indexed epoch, uint256 indexed tag, uint256[5] ciphertext);
    event NoteRoot(uint256 root);

    uint256 public constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// Bytes of three ciphertexts.
    uint256 public constant CIPHERTEXT_BYTES = 3 * 505;
    bytes32 public constant DOMAIN = keccak256("veilpay.example.shielded-pool.v1");

    // Places of the public inputs (section 3).
    uint256 private constant NOTE_ROOT = 0;
    uint256 private constant NULLIFIER = 1;
    uint256 private constant COMMITMENT = 3;
    uint256 private constant RK = 6;
    uint256 private constant ASSET = 8;
    uint256 private constant V_PUB_IN = 9;
    uint256 private constant V_PUB_OUT = 10;
    uint256 private constant FEE = 11;
    uint256 private constant REGISTRY_ROOT = 12;
    uint256 private constant SANCTIONS_ROOT = 13;
    uint256 private constant NOW = 14;
    uint256 private constant EPOCH = 15;
    uint256 private constant TRACE_TAG = 16;
    uint256 private constant TRACE_CT = 17;
    uint256 private constant EXT_HASH = 22;

    ITransferVerifier public immutable verifier;
    /// Who publishes roots. TRUSTED: a root that it invents holds notes that nobody paid for.
    address public immutable keeper;
    /// The asset whose units are in the pool (N4).
    uint256 public immutable asset;
    /// Wei of one unit.
    uint256 public immutable unit;
    uint256 public immutable epochSeconds;
    uint256 public immutable clockWindow;
    uint256 public immutable grace;

    mapping(uint256 => bool) public noteRoots;
    mapping(uint256 => bool) public nullifiers;
    mapping(bytes32 => bool) public traceTags;
    /// The last second at which a root of registry or sanctions list is accepted; the current one's is the largest number.
    mapping(uint256 => uint256) public registryUntil;
    mapping(uint256 => uint256) public sanctionsUntil;
    uint256 public registryRoot;
    uint256 public sanctionsRoot;
    /// Units in the pool (L3, the supply's turnstile).
    uint256 public held;
    /// Leaves of the note tree.
    uint256 public positions;
    bool private entered;

    constructor(
        ITransferVerifier verifier_,
        address keeper_,
        uint256 asset_,
        uint256 unit_,
        uint256 epochSeconds_,
        uint256 clockWindow_,
        uint256 grace_
    ) {
        if (address(verifier_).code.length == 0) revert NoCode();
        (verifier, keeper, asset, unit) = (verifier_, keeper_, asset_, unit_);
        (epochSeconds, clockWindow, grace) = (epochSeconds_, clockWindow_, grace_);
    }

    modifier once() {
        if (entered) revert Reentered();
        entered = true;
        _;
        entered = false;
    }

    modifier onlyKeeper() {
        if (msg.sender != keeper) revert OnlyKeeper();
        _;
    }

    /// A root of the tree of the commitments in the events, in their order.
    function publishNoteRoot(uint256 root) external onlyKeeper {
        noteRoots[root] = true;
        emit NoteRoot(root);
    }

    /// The issuer's registry has this root now; the one before is accepted for the time of grace.
    function publishRegistryRoot(uint256 root) external onlyKeeper {
        if (registryRoot != 0) registryUntil[registryRoot] = block.timestamp + grace;
        registryUntil[root] = type(uint256).max;
        registryRoot = root;
    }

    /// As for the registry.
    function publishSanctionsRoot(uint256 root) external onlyKeeper {
        if (sanctionsRoot != 0) sanctionsUntil[sanctionsRoot] = block.timestamp + grace;
        sanctionsUntil[root] = type(uint256).max;
        sanctionsRoot = root;
    }

    /// What `ext_hash` must be: it binds a proof to this chain, this pool, those who are paid, a deadline and the ciphertexts.
    function extHash(External calldata ext) public view returns (uint256) {
        bytes32 ciphertexts = keccak256(ext.ciphertexts);
        bytes32 digest = keccak256(
            abi.encode(DOMAIN, block.chainid, address(this), ext.recipient, ext.feeCollector, ext.deadline, ciphertexts)
        );
        return uint256(digest) % R;
    }

    /// A deposit (`v_pub_in` units come with the call), a withdrawal (`v_pub_out` goes to the recipient) or a payment inside.
    function transact(Proof calldata proof, uint256[23] calldata inputs, External calldata ext) external payable once {
        checkExternal(inputs, ext);
        checkAmounts(inputs);
        checkRoots(inputs);
        checkTime(inputs);
        // Effects come before anything of others is called.
        spend(inputs);
        settle(inputs);
        if (!verifier.verifyProof(proof.a, proof.b, proof.c, inputs)) revert ProofRefused();
        announce(inputs, ext.ciphertexts);
        pay(ext.recipient, inputs[V_PUB_OUT]);
        pay(ext.feeCollector, inputs[FEE]);
    }

    function checkExternal(uint256[23] calldata inputs, External calldata ext) private view {
        if (block.timestamp > ext.deadline) revert Expired();
        if (ext.ciphertexts.length != CIPHERTEXT_BYTES) revert Ciphertexts();
        if (inputs[EXT_HASH] != extHash(ext)) revert ExtHash();
    }

    /// T4 and L1: the circuit leaves the range of public amounts to whoever verifies.
    function checkAmounts(uint256[23] calldata inputs) private view {
        for (uint256 i = V_PUB_IN; i <= FEE; i++) {
            if (inputs[i] > type(uint64).max) revert AmountTooLarge(i);
        }
        if (inputs[V_PUB_IN] != 0 && inputs[V_PUB_OUT] != 0) revert InAndOut();
        if (inputs[ASSET] != asset) revert WrongAsset();
        if (msg.value != inputs[V_PUB_IN] * unit) revert WrongValue(inputs[V_PUB_IN] * unit);
    }

    function checkRoots(uint256[23] calldata inputs) private view {
        if (!noteRoots[inputs[NOTE_ROOT]]) revert UnknownNoteRoot();
        if (block.timestamp > registryUntil[inputs[REGISTRY_ROOT]]) revert UnknownRegistryRoot();
        if (block.timestamp > sanctionsUntil[inputs[SANCTIONS_ROOT]]) revert UnknownSanctionsRoot();
    }

    function checkTime(uint256[23] calldata inputs) private view {
        uint256 time = inputs[NOW];
        if (time >> 40 != 0 || time > block.timestamp + clockWindow || block.timestamp > time + clockWindow) revert Clock();
        if (inputs[EPOCH] != time / epochSeconds) revert Epoch();
    }

    /// Nullifiers and tag are seen once. The verifier refuses aliases x + r too; here they would be second nullifiers.
    function spend(uint256[23] calldata inputs) private {
        for (uint256 i = NULLIFIER; i < COMMITMENT; i++) {
            uint256 nullifier = inputs[i];
            if (nullifier >= R) revert NotBelowR(i);
            if (nullifiers[nullifier]) revert NullifierSeen(nullifier);
            nullifiers[nullifier] = true;
            emit Spent(nullifier);
        }
        if (inputs[TRACE_TAG] >= R) revert NotBelowR(TRACE_TAG);
        bytes32 tag = keccak256(abi.encode(inputs[EPOCH], inputs[TRACE_TAG]));
        if (traceTags[tag]) revert TraceTagSeen();
        traceTags[tag] = true;
    }

    /// No more leaves the pool than is in it.
    function settle(uint256[23] calldata inputs) private {
        uint256 before = held + inputs[V_PUB_IN];
        uint256 leaving = inputs[V_PUB_OUT] + inputs[FEE];
        if (leaving > before) revert PoolTooSmall();
        held = before - leaving;
    }

    function announce(uint256[23] calldata inputs, bytes calldata ciphertexts) private {
        uint256 first = positions;
        positions = first + 3;
        uint256[3] memory commitments = [inputs[COMMITMENT], inputs[COMMITMENT + 1], inputs[COMMITMENT + 2]];
        emit Notes(first, commitments, [inputs[RK], inputs[RK + 1]], ciphertexts);
        uint256[5] memory trace;
        for (uint256 i = 0; i < 5; i++) trace[i] = inputs[TRACE_CT + i];
        emit Traced(inputs[EPOCH], inputs[TRACE_TAG], trace);
    }

    function pay(address to, uint256 units) private {
        if (units == 0) return;
        if (to == address(0)) revert NoRecipient();
        (bool ok,) = to.call{value: units * unit}("");
        if (!ok) revert PaymentFailed();
    }
}
