//! The bytes of a key's file, read where they are needed and when.
//!
//! A file stays open and is read in ranges, not mapped: what somebody cuts off or overwrites later is a read error or a
//! wrong digest, never a signal or memory that changes under a reference.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Where the bytes are.
enum Place {
    File(Mutex<File>),
    Memory(Vec<u8>),
}

/// Bytes of a known length.
pub(crate) struct Source {
    place: Place,
    length: u64,
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len() as u64, place: Place::Memory(bytes) }
    }
}

impl Source {
    /// A file, of which nothing is read yet. What is not a file, as a pipe, is read to its end, unless it begins
    /// otherwise than by `magic`: then no further.
    pub(crate) fn open(mut file: File, magic: &[u8]) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if metadata.is_file() {
            return Ok(Self { length: metadata.len(), place: Place::File(Mutex::new(file)) });
        }
        let mut bytes = Vec::new();
        (&mut file).take(magic.len() as u64).read_to_end(&mut bytes)?;
        if bytes == magic {
            file.read_to_end(&mut bytes)?;
        }
        Ok(bytes.into())
    }

    /// How many bytes there are.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// The bytes of a range, copied if they come from a file; never more memory than the file is long, and an error when
    /// the system has not as much: a file with holes is longer than what it takes on the disk.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        let beyond = || io::Error::from(ErrorKind::UnexpectedEof);
        if range.start > range.end || range.end > self.length {
            return Err(beyond());
        }
        let [start, end] = [range.start, range.end].map(usize::try_from);
        let (start, end) = (start.map_err(|_| beyond())?, end.map_err(|_| beyond())?);
        match &self.place {
            Place::Memory(bytes) => bytes.get(start..end).map(Cow::Borrowed).ok_or_else(beyond),
            Place::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(range.start))?;
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(end - start).map_err(|_| io::Error::from(ErrorKind::OutOfMemory))?;
                (&mut *file).take((end - start) as u64).read_to_end(&mut bytes)?;
                if bytes.len() == end - start { Ok(bytes.into()) } else { Err(beyond()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_endless_stream_of_something_else_is_read_no_further_than_its_beginning() {
        let zeros = Source::open(File::open("/dev/zero").unwrap(), b"zkey").unwrap();
        assert_eq!(zeros.length(), 4);
        assert_eq!(Source::open(File::open("/dev/null").unwrap(), b"zkey").unwrap().length(), 0);
    }

    #[test]
    fn ranges_of_a_file_and_of_bytes_are_the_same_and_none_is_beyond_the_end() {
        let path = std::env::temp_dir().join(format!("veilpay-source-{}", std::process::id()));
        let content: Vec<u8> = (0..=255).collect();
        fs::write(&path, &content).unwrap();
        let from_file = Source::open(File::open(&path).unwrap(), &[]).unwrap();
        for source in [&from_file, &content.clone().into()] {
            assert_eq!(source.length(), 256);
            for range in [0..256, 0..0, 256..256, 17..90, 200..256] {
                let expected = &content[range.start as usize..range.end as usize];
                assert_eq!(&*source.read(range).unwrap(), expected);
            }
            #[allow(clippy::reversed_empty_ranges, reason = "the wrong way round")]
            for range in [0..257, 300..301, 9..3, 0..u64::MAX] {
                assert_eq!(source.read(range).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            }
        }
        // Cut off after it was opened.
        File::options().write(true).open(&path).unwrap().set_len(100).unwrap();
        assert_eq!(from_file.read(90..101).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(&*from_file.read(90..100).unwrap(), &content[90..100]);
        // As long as no memory is, and empty.
        File::options().write(true).open(&path).unwrap().set_len(1 << 42).unwrap();
        let holes = Source::open(File::open(&path).unwrap(), &[]).unwrap();
        assert_eq!(holes.length(), 1 << 42);
        assert_eq!(&*holes.read(1 << 41..(1 << 41) + 3).unwrap(), &[0; 3]);
        fs::remove_file(&path).unwrap();
        let folder = File::open(std::env::temp_dir()).unwrap();
        assert_eq!(Source::open(folder, &[]).err().unwrap().kind(), ErrorKind::IsADirectory);
    }
}
