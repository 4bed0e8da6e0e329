// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// A recipient that calls the pool again when it is paid, or refuses the payment.
contract Reenter {
    address private pool;
    bool private refuse;
    bytes private second;
    bytes4 public told;

    function load(address pool_, bool refuse_, bytes calldata second_) external {
        (pool, refuse, second) = (pool_, refuse_, second_);
    }

    receive() external payable {
        require(!refuse);
        (bool ok, bytes memory answer) = pool.call(second);
        told = ok ? bytes4(0xffffffff) : bytes4(answer);
    }
}
