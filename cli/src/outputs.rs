//! Files that a command makes and that hold no secret: all of them whole or none, what was there before kept until then.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::CliError;
use crate::files::{failed, folder_of};

/// A path as it is without links, for a file that may not be there yet: two names of one file are equal.
pub(crate) fn place(path: &Path) -> PathBuf {
    let joined = || {
        let folder = fs::canonicalize(folder_of(path)).ok()?;
        Some(folder.join(path.file_name()?))
    };
    fs::canonicalize(path).ok().or_else(joined).unwrap_or_else(|| path.to_owned())
}

/// Whether each file is named once, by whatever names: an output is not to replace an input.
///
/// # Errors
/// [`CliError::SameFile`] with the first that is named for a second thing.
pub(crate) fn distinct(paths: &[&Path]) -> Result<(), CliError> {
    let places: Vec<PathBuf> = paths.iter().map(|path| place(path)).collect();
    let twice = (1..paths.len()).find(|i| places[..*i].contains(&places[*i]));
    twice.map_or(Ok(()), |i| Err(CliError::SameFile(paths[i].to_owned())))
}

/// Where the bytes of a file go.
enum Target {
    /// A regular file, or none yet, at the end of whatever links: it is replaced.
    File(PathBuf),
    /// A device or a pipe, as `/dev/stdout` may be: it is written to.
    Stream(PathBuf),
}

impl Target {
    fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(ErrorKind::IsADirectory.into()),
            Ok(there) if there.is_file() => Ok(Self::File(place(path))),
            Ok(_) => Ok(Self::Stream(path.to_owned())),
            // A link to nothing would be replaced by the file, which is not what it says.
            Err(error) if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
                Err(io::Error::new(ErrorKind::NotFound, "it is a link to a file that is not there"))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::File(place(path))),
            Err(error) => Err(error),
        }
    }
}

/// What kind of error it is, without the name of the temporary file that it happened to.
fn bare(error: &io::Error) -> io::Error {
    error.kind().into()
}

/// Bytes beside the place that they are for, with the permissions of the file there, or of any new one.
fn beside(to: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder_of(to)).map_err(|error| bare(&error))?;
    file.write_all(bytes)?;
    if let Ok(before) = fs::metadata(to) {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// A second name for what is there, gone when it is dropped; nothing when nothing is there.
fn kept(to: &Path) -> io::Result<Option<NamedTempFile<()>>> {
    let second = |path: &Path| fs::hard_link(to, path).or_else(|_| fs::copy(to, path).map(drop));
    match tempfile::Builder::new().make_in(folder_of(to), second) {
        Ok(file) => Ok(Some(file)),
        Err(_) if !to.exists() => Ok(None),
        Err(error) => Err(bare(&error)),
    }
}

/// Writes files, all of them or none: a file that was there before is replaced at the end, and is still there when
/// another one cannot be written.
///
/// # Errors
/// [`CliError::File`].
pub(crate) fn write_together(files: &[(&Path, &[u8])]) -> Result<(), CliError> {
    let (mut whole, mut streams) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let mut add = || -> io::Result<()> {
            match Target::of(path)? {
                Target::Stream(to) => streams.push((*path, fs::OpenOptions::new().write(true).open(to)?, *bytes)),
                Target::File(to) => {
                    let (file, before) = (beside(&to, bytes)?, kept(&to)?);
                    whole.push((*path, to, file, before));
                }
            }
            Ok(())
        };
        add().map_err(failed("write", path))?;
    }
    let mut replaced: Vec<(PathBuf, Option<NamedTempFile<()>>)> = Vec::new();
    for (path, to, file, before) in whole {
        if let Err(error) = file.persist(&to) {
            for (to, before) in replaced {
                // The error that matters is the first one.
                let _ = before.map_or_else(|| fs::remove_file(&to), |before| before.persist(&to).map_err(|e| e.error));
            }
            return Err(failed("write", path)(error.error));
        }
        replaced.push((to, before));
    }
    for (path, mut stream, bytes) in streams {
        stream.write_all(bytes).map_err(failed("write", path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_together_and_replace_those_before() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        fs::write(&a, "old").unwrap();
        write_together(&[(&a, b"one"), (&b, b"two")]).unwrap();
        assert_eq!((fs::read(&a).unwrap().as_slice(), fs::read(&b).unwrap().as_slice()), (&b"one"[..], &b"two"[..]));
        assert_eq!(names(folder.path()), ["a", "b"], "and nothing else");
    }

    #[test]
    fn when_one_cannot_be_written_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (a, inner) = (folder.path().join("a"), folder.path().join("inner"));
        fs::write(&a, "old").unwrap();
        fs::create_dir(&inner).unwrap();
        for wrong in [inner, folder.path().join("none/b")] {
            for files in [[(a.as_path(), &b"one"[..]), (&wrong, b"two")], [(&wrong, b"two"), (&a, b"one")]] {
                let refused = write_together(&files).unwrap_err().to_string();
                assert!(refused.contains(&wrong.display().to_string()) && !refused.contains("at path"), "{refused}");
                assert_eq!(fs::read(&a).unwrap(), b"old");
                assert_eq!(names(folder.path()), ["a", "inner"]);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (a, link, nothing) = (folder.path().join("a"), folder.path().join("link"), folder.path().join("nothing"));
        fs::write(&a, "old").unwrap();
        std::os::unix::fs::symlink(&a, &link).unwrap();
        std::os::unix::fs::symlink(folder.path().join("gone"), &nothing).unwrap();
        assert_eq!(place(&link), place(&a));
        write_together(&[(&link, b"new")]).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&a).unwrap(), b"new");
        let refused = write_together(&[(&nothing, b"new")]).unwrap_err().to_string();
        assert!(refused.ends_with("it is a link to a file that is not there"), "{refused}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let a = folder.path().join("a");
        fs::write(&a, "old").unwrap();
        fs::set_permissions(&a, fs::Permissions::from_mode(0o600)).unwrap();
        write_together(&[(&a, b"new")]).unwrap();
        assert_eq!(fs::read(&a).unwrap(), b"new");
        assert_eq!(fs::metadata(&a).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let a = folder.path().join("a");
        let device = Path::new("/dev/null");
        write_together(&[(device, b"gone"), (&a, b"kept")]).unwrap();
        assert!(!fs::metadata(device).unwrap().is_file());
        assert_eq!(fs::read(&a).unwrap(), b"kept");
    }

    #[test]
    fn two_names_of_a_place_are_one() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        assert_eq!(place(&folder.path().join("x")), place(&inner.join("../x")));
        assert_ne!(place(&folder.path().join("x")), place(&inner.join("x")));
    }
}
