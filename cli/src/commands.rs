//! What each command does.

pub(crate) mod balance;
pub(crate) mod bench;
pub(crate) mod circuits;
pub(crate) mod demo;
pub(crate) mod export;
pub(crate) mod keys;
pub(crate) mod local;
pub(crate) mod pay;
pub(crate) mod prove;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod verify;
