//! Sums of many lists of points.
//!
//! Eight lists of about one length lie side by side as a group: row i holds item i of each, one a lane. A step adds the
//! upper half of a group's rows to the lower half, so that a list of n is summed in log2 n steps. Groups at all stages
//! share a pool of rows: in each turn all of them take a step, with one inversion for all additions; then the rows that
//! became free are filled with the next groups, whose points were asked for during the turn. What works on the rows is a
//! backend's [`Rows`].

use alloc::vec;
use alloc::vec::Vec;

use super::curve::Curve;
use super::slab::Line;

/// The part of an item that is an index.
pub(crate) const INDEX: u32 = 0x7fff_ffff;
/// The bit of an item that says: its negative.
pub(crate) const SIGN: u32 = 0x8000_0000;
/// Lists side by side.
pub(crate) const LANES: usize = 8;
/// Items of a list that are summed as one; longer lists are summed in parts.
pub(crate) const LONGEST: usize = 64;
/// No place.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A number of a row.
pub(crate) type Row = u16;

/// Row `a` becomes row `a` plus row `b`, but in the lanes of `keep`, which stay as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addition {
    pub(crate) a: Row,
    pub(crate) b: Row,
    pub(crate) keep: u8,
}

/// Rows of points, [`LANES`] in each, and what works on them.
pub(crate) trait Rows {
    /// Rows that there are: at least [`LONGEST`].
    const COUNT: usize;

    /// Says that there is no identity among the points to come, until some sum is one.
    fn begin(&mut self);

    /// Reads points of `source` into rows: lane k of a row is the point whose index is `items[k]`, or its negative.
    fn import(&mut self, source: &[Line], rows: &[Row], items: &[[u32; LANES]]);

    /// Carries out additions, none of which uses a row of another. The points of `source` that `next` names are
    /// asked for meanwhile. Additions of nothing may be added to fill up.
    fn add(&mut self, additions: &mut Vec<Addition>, source: &[Line], next: &[[u32; LANES]]);

    /// Writes lane k of each row to point `places[k]` of `out`, unless that is [`NOWHERE`].
    fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]);
}

/// A list, or a part of one, that is summed as one: where its items begin, and where the sum goes.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: u32,
    place: u32,
}

/// Eight parts on their way.
#[derive(Clone, Debug)]
struct Group {
    rows: Vec<Row>,
    /// Items of each lane that are left.
    sizes: [u8; LANES],
    places: [u32; LANES],
}

/// Room to sum lists in.
#[derive(Debug)]
pub(crate) struct Lists<R> {
    pub(crate) rows: R,
    /// Rows that hold nothing.
    free: Vec<Row>,
    groups: Vec<Group>,
    /// Rows of groups that are done, to be used again.
    spare: Vec<Vec<Row>>,
    /// Parts by length, the longest first.
    parts: Vec<Part>,
    additions: Vec<Addition>,
    arriving: Vec<Row>,
    items: Vec<[u32; LANES]>,
}

impl<R: Rows> Lists<R> {
    pub(crate) fn new(rows: R) -> Self {
        const { assert!(R::COUNT >= LONGEST && R::COUNT <= Row::MAX as usize) };
        Self {
            rows,
            free: (0..R::COUNT as Row).rev().collect(),
            groups: Vec::new(),
            spare: Vec::new(),
            parts: Vec::new(),
            additions: Vec::new(),
            arriving: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Sums lists: `items` has list 0, 1, ... of `sizes`, one after the other, of points of `source`; the sum of list i
    /// is written to point i of `out`, unless the list is empty.
    pub(crate) fn sum<C: Curve>(&mut self, source: &[Line], items: &[u32], sizes: &[u32], out: &mut [Line]) {
        let mut long = Vec::new();
        // How many parts of each length; then where those of a length go.
        let mut counts = [0u32; LONGEST + 1];
        for (list, size) in (0..).zip(sizes) {
            match counts.get_mut(*size as usize) {
                Some(count) => *count += 1,
                None => long.push(list as usize),
            }
        }
        counts[0] = 0;
        let mut sum = 0;
        for count in counts.iter_mut().rev() {
            sum += core::mem::replace(count, sum);
        }
        let mut ends = counts;
        self.parts.clear();
        self.parts.resize(sum as usize, Part { start: 0, place: NOWHERE });
        let mut start = 0;
        for (place, size) in (0..).zip(sizes) {
            if let Some(end) = ends.get_mut(*size as usize).filter(|_| *size != 0) {
                self.parts[*end as usize] = Part { start, place };
                *end += 1;
            }
            start += size;
        }
        self.sum_parts(&ends, source, items, out);
        if !long.is_empty() {
            self.sum_long::<C>(&long, source, items, sizes, out);
        }
    }

    /// Sums lists that are longer than [`LONGEST`]: parts of about one length, then the sums of these.
    fn sum_long<C: Curve>(&mut self, long: &[usize], source: &[Line], items: &[u32], sizes: &[u32], out: &mut [Line]) {
        let (mut own, mut parts, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut start, mut list) = (0, 0);
        for number in long {
            start += sizes[list..*number].iter().map(|size| *size as usize).sum::<usize>();
            let size = sizes[*number] as usize;
            own.extend_from_slice(&items[start..start + size]);
            let count = size.div_ceil(LONGEST);
            parts.extend((0..count).map(|k| ((k + 1) * size / count - k * size / count) as u32));
            counts.push(count as u32);
            (start, list) = (start + size, number + 1);
        }
        let mut sums = vec![Line::ZERO; parts.len() * C::LINES];
        self.sum::<C>(source, &own, &parts, &mut sums);
        let all: Vec<u32> = (0..parts.len() as u32).collect();
        let mut totals = vec![Line::ZERO; long.len() * C::LINES];
        self.sum::<C>(&sums, &all, &counts, &mut totals);
        for (number, total) in long.iter().zip(totals.chunks_exact(C::LINES)) {
            out[number * C::LINES..][..C::LINES].copy_from_slice(total);
        }
    }

    /// Sums the parts; those of length n end before `ends[n]`.
    fn sum_parts(&mut self, ends: &[u32; LONGEST + 1], source: &[Line], items: &[u32], out: &mut [Line]) {
        let (mut next, mut length) = (0, LONGEST);
        loop {
            self.rows.import(source, &self.arriving, &self.items);
            self.take_step(out);
            // Rows that the turn frees are filled after it.
            self.arriving.clear();
            self.items.clear();
            while next < self.parts.len() {
                while ends[length] as usize <= next {
                    length -= 1;
                }
                if self.free.len() < length {
                    break;
                }
                next = self.admit(next, length, ends, items);
            }
            if self.additions.is_empty() && self.arriving.is_empty() {
                debug_assert!(self.groups.is_empty() && self.free.len() == R::COUNT);
                return;
            }
            self.rows.add(&mut self.additions, source, &self.items);
        }
    }

    /// Writes out what is done, and lists the additions of a step of each group that is not. Free, then, is also what
    /// they free.
    fn take_step(&mut self, out: &mut [Line]) {
        self.additions.clear();
        let mut k = 0;
        while k < self.groups.len() {
            let group = &mut self.groups[k];
            if let [row] = group.rows[..] {
                self.rows.export(row, &group.places, out);
                self.free.push(row);
                let mut done = self.groups.swap_remove(k);
                done.rows.clear();
                self.spare.push(done.rows);
                continue;
            }
            let (whole, half) = (group.rows.len(), group.rows.len().div_ceil(2));
            let ragged = group.sizes != [whole as u8; LANES];
            let (low, high) = group.rows.split_at(half);
            for (i, (a, b)) in (half..).zip(low.iter().zip(high)) {
                let keep = if ragged { lanes(&group.sizes, |size| usize::from(size) <= i) } else { 0 };
                self.additions.push(Addition { a: *a, b: *b, keep });
            }
            self.free.extend_from_slice(high);
            group.rows.truncate(half);
            group.sizes = group.sizes.map(|size| size.min(half as u8));
            k += 1;
        }
    }

    /// A new group from part `next` on, of `length` items at most; the part after it.
    fn admit(&mut self, next: usize, length: usize, ends: &[u32; LONGEST + 1], items: &[u32]) -> usize {
        let count = (self.parts.len() - next).min(LANES);
        let (mut sizes, mut places, mut starts) = ([0; LANES], [NOWHERE; LANES], [0; LANES]);
        let mut size = length;
        for lane in 0..LANES {
            // Lanes without a part of their own read what the last one reads, and it does not count.
            let part = self.parts[next + lane.min(count - 1)];
            starts[lane] = part.start as usize;
            if lane < count {
                while ends[size] as usize <= next + lane {
                    size -= 1;
                }
                sizes[lane] = size as u8;
                places[lane] = part.place;
            }
        }
        let list = |lane: usize| &items[starts[lane]..][..usize::from(sizes[lane]).max(1)];
        if sizes == [length as u8; LANES] {
            let [a, b, c, d, e, f, g, h] = core::array::from_fn(|lane| &list(lane)[..length]);
            for i in 0..length {
                self.items.push([a[i], b[i], c[i], d[i], e[i], f[i], g[i], h[i]]);
            }
        } else {
            for i in 0..length {
                let mut row = [0; LANES];
                for lane in 0..LANES {
                    // Beyond the end of a lane its last item again, which does not count.
                    row[lane] = list(lane)[i.min(list(lane).len() - 1)];
                }
                self.items.push(row);
            }
        }
        let mut rows = self.spare.pop().unwrap_or_default();
        rows.extend(self.free.drain(self.free.len() - length..));
        self.arriving.extend_from_slice(&rows);
        self.groups.push(Group { rows, sizes, places });
        next + count
    }
}

/// The lanes whose size is as asked for.
fn lanes(sizes: &[u8; LANES], which: impl Fn(u8) -> bool) -> u8 {
    (0..).zip(sizes).fold(0, |mask, (lane, size)| mask | u8::from(which(*size)) << lane)
}
