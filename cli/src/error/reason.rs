//! How errors of the system read.

use core::fmt;
use std::io::{Error, ErrorKind};

/// An error of the system in the same words whether its number is known or its kind alone.
pub(crate) struct Reason<'a>(pub(crate) &'a Error);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.get_ref().is_some() {
            return self.0.fmt(f);
        }
        f.write_str(match self.0.kind() {
            ErrorKind::NotFound => "no such file or folder",
            ErrorKind::PermissionDenied => "permission denied",
            ErrorKind::AlreadyExists => "it is there already",
            ErrorKind::IsADirectory => "it is a folder",
            ErrorKind::NotADirectory => "it, or a part of its path, is no folder",
            ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
            ErrorKind::StorageFull => "no space left",
            _ => return self.0.fmt(f),
        })
    }
}
