//! Sums of many lists of points.
//!
//! Eight lists of about one length lie side by side as a group: row i holds item i of each, one a lane. A step adds the
//! upper half of a group's rows to the lower half, so that a list of n is summed in log2 n steps. Groups at all stages
//! share a pool of rows: in each turn all of them take a step, with one inversion for all additions; then the rows that
//! became free are filled with the next groups, whose points were asked for during the turn. What works on the rows is a
//! backend's [`Rows`].
//!
//! Whoever has lists says how long they are, is told where their items go, and puts them there.

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
    /// asked for meanwhile.
    fn add(&mut self, additions: &[Addition], source: &[Line], next: &[[u32; LANES]]);

    /// Writes lane k of each row to point `places[k]` of `out`, unless that is [`NOWHERE`].
    fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]);
}

/// Eight lists that are to be summed, and where the sums go: lists, or parts of long ones.
#[derive(Clone, Copy, Debug)]
struct Plan {
    /// The first row of its items, and how many there are.
    row: u32,
    height: u8,
    /// The sums are parts.
    parts: bool,
    /// Items of each lane.
    sizes: [u8; LANES],
    places: [u32; LANES],
}

impl Plan {
    const fn new(row: u32, height: usize) -> Self {
        Self { row, height: height as u8, parts: false, sizes: [0; LANES], places: [NOWHERE; LANES] }
    }
}

/// A list that is longer than [`LONGEST`]: the first row of its items, and in how many parts it is summed.
#[derive(Clone, Copy, Debug)]
struct Long {
    list: u32,
    row: u32,
    parts: u32,
}

/// Eight lists on their way.
#[derive(Clone, Debug)]
struct Group {
    plan: Plan,
    rows: Vec<Row>,
}

/// Where the next item of a list goes among the items of all, and how far from it the one after that: low and high half.
pub(crate) type Cursor = u64;

/// Room to sum lists in.
#[derive(Debug)]
pub(crate) struct Lists<R> {
    pub(crate) rows: R,
    /// Rows that hold nothing.
    free: Vec<Row>,
    groups: Vec<Group>,
    /// Rows of groups that are done, to be used again.
    spare: Vec<Vec<Row>>,
    /// What is to be summed, group after group; each has as many rows of items as it is high.
    plans: Vec<Plan>,
    items: Vec<[u32; LANES]>,
    long: Vec<Long>,
    /// The parts of all long lists.
    parts: u32,
    additions: Vec<Addition>,
    arriving: Vec<Row>,
}

impl<R: Rows> Lists<R> {
    pub(crate) fn new(rows: R) -> Self {
        const { assert!(R::COUNT >= LONGEST && R::COUNT <= Row::MAX as usize) };
        Self {
            rows,
            free: (0..R::COUNT as Row).rev().collect(),
            groups: Vec::new(),
            spare: Vec::new(),
            plans: Vec::new(),
            items: Vec::new(),
            long: Vec::new(),
            parts: 0,
            additions: Vec::new(),
            arriving: Vec::new(),
        }
    }

    /// Lays out lists of the given lengths: `cursors` says where the items of each go among those returned.
    pub(crate) fn lay_out(&mut self, sizes: &[u32], cursors: &mut Vec<Cursor>) -> &mut [u32] {
        self.plans.clear();
        self.long.clear();
        self.parts = 0;
        cursors.clear();
        // How many lists of each length; then, the longest first, the number of the next one of a length.
        let mut counts = [0u32; LONGEST + 1];
        let mut rows = 0;
        for (list, size) in (0..).zip(sizes) {
            match counts.get_mut(*size as usize) {
                Some(count) => *count += 1,
                None => rows = self.lay_out_long(list, *size, rows),
            }
        }
        let first_plan = self.plans.len();
        let mut end = 0;
        for (size, count) in counts.iter_mut().enumerate().skip(1).rev() {
            let start = end;
            end += *count;
            *count = start;
            // Groups that begin among the lists of this length.
            for _ in start.div_ceil(LANES as u32)..end.div_ceil(LANES as u32) {
                self.plans.push(Plan::new(rows, size));
                rows += size as u32;
            }
        }
        // Lanes that are shorter than their group, or of nothing, read the first point, which does not count.
        if self.items.capacity() < rows as usize {
            // Growing would leave a copy behind.
            erase(&mut self.items, [0; LANES]);
        }
        self.items.clear();
        self.items.resize(rows as usize, [0; LANES]);
        let mut long = self.long.iter();
        for (place, size) in (0..).zip(sizes) {
            let cursor = match counts.get_mut(*size as usize) {
                Some(_) if *size == 0 => 0,
                Some(count) => {
                    let (group, lane) = (*count as usize / LANES, *count as usize % LANES);
                    *count += 1;
                    let plan = &mut self.plans[first_plan + group];
                    plan.sizes[lane] = *size as u8;
                    plan.places[lane] = place;
                    cursor(plan.row, lane, LANES)
                }
                None => long.next().map_or(0, |long| cursor(long.row, 0, 1)),
            };
            cursors.push(cursor);
        }
        self.items.as_flattened_mut()
    }

    /// Lays out a list that is longer than [`LONGEST`], from row `row` on: item after item, in groups of even height,
    /// each lane of a group a part. The row after it.
    fn lay_out_long(&mut self, list: u32, size: u32, row: u32) -> u32 {
        let height = size.div_ceil(LANES as u32);
        let groups = height.div_ceil(LONGEST as u32);
        self.long.push(Long { list, row, parts: groups * LANES as u32 });
        let before = self.parts;
        self.parts += groups * LANES as u32;
        // A list may have 2^31 items, and the product of its height and a group's number more than 32 bits.
        let start_of = |group: u32| (u64::from(group) * u64::from(height) / u64::from(groups)) as u32;
        for k in 0..groups {
            let (start, end) = (start_of(k), start_of(k + 1));
            let mut plan = Plan::new(row + start, (end - start) as usize);
            plan.parts = true;
            for lane in 0..LANES as u32 {
                // The last row may be short.
                let missing = u32::from(k == groups - 1 && (height - 1) * LANES as u32 + lane >= size);
                plan.sizes[lane as usize] = (end - start - missing) as u8;
                plan.places[lane as usize] = before + k * LANES as u32 + lane;
            }
            self.plans.push(plan);
        }
        row + height
    }

    /// Overwrites what items the lists had, which are digits of scalars.
    pub(crate) fn erase(&mut self) {
        erase(&mut self.items, [0; LANES]);
        self.plans.clear();
    }

    /// Sums the lists that were laid out last, of points of `source`; the sum of list i is written to point i of `out`,
    /// unless the list is empty.
    pub(crate) fn sum<C: Curve>(&mut self, source: &[Line], out: &mut [Line]) {
        let counts: Vec<u32> = self.long.iter().map(|long| long.parts).collect();
        let count = self.parts;
        let mut parts = vec![Line::ZERO; count as usize * C::LINES];
        self.sum_plans(source, out, &mut parts);
        if counts.is_empty() {
            return;
        }
        let lists = core::mem::take(&mut self.long);
        let mut cursors = Vec::new();
        let items = self.lay_out(&counts, &mut cursors);
        let mut all = 0..count;
        for (cursor, count) in cursors.iter_mut().zip(&counts) {
            all.by_ref().take(*count as usize).for_each(|part| put(items, cursor, part));
        }
        let mut sums = vec![Line::ZERO; counts.len() * C::LINES];
        self.sum::<C>(&parts, &mut sums);
        for (long, sum) in lists.iter().zip(sums.chunks_exact(C::LINES)) {
            out[long.list as usize * C::LINES..][..C::LINES].copy_from_slice(sum);
        }
    }

    fn sum_plans(&mut self, source: &[Line], out: &mut [Line], parts: &mut [Line]) {
        let (mut next, mut read) = (0, 0);
        loop {
            let items = &self.items[read..][..self.arriving.len()];
            read += items.len();
            self.rows.import(source, &self.arriving, items);
            self.take_step(out, parts);
            // Rows that the turn frees are filled after it.
            self.arriving.clear();
            while let Some(plan) = self.plans.get(next).filter(|plan| usize::from(plan.height) <= self.free.len()) {
                let mut rows = self.spare.pop().unwrap_or_default();
                let left = self.free.len() - usize::from(plan.height);
                rows.extend_from_slice(&self.free[left..]);
                self.free.truncate(left);
                self.arriving.extend_from_slice(&rows);
                self.groups.push(Group { plan: *plan, rows });
                next += 1;
            }
            if self.additions.is_empty() && self.arriving.is_empty() {
                let all = self.groups.is_empty() && self.free.len() == R::COUNT && read == self.items.len();
                assert!(all, "every item is summed");
                return;
            }
            self.rows.add(&self.additions, source, &self.items[read..][..self.arriving.len()]);
        }
    }

    /// Writes out what is done, and lists the additions of a step of each group that is not. Free, then, is also what
    /// they free.
    fn take_step(&mut self, out: &mut [Line], parts: &mut [Line]) {
        self.additions.clear();
        let mut k = 0;
        while k < self.groups.len() {
            let Group { plan, rows } = &mut self.groups[k];
            if let [row] = rows[..] {
                self.rows.export(row, &plan.places, if plan.parts { parts } else { out });
                self.free.push(row);
                let mut done = self.groups.swap_remove(k);
                done.rows.clear();
                self.spare.push(done.rows);
                continue;
            }
            let (whole, half) = (rows.len(), rows.len().div_ceil(2));
            let ragged = plan.sizes != [whole as u8; LANES];
            let (low, high) = rows.split_at(half);
            for (i, (a, b)) in (half..).zip(low.iter().zip(high)) {
                let keep = if ragged { lanes(&plan.sizes, |size| usize::from(size) <= i) } else { 0 };
                self.additions.push(Addition { a: *a, b: *b, keep });
            }
            self.free.extend_from_slice(high);
            rows.truncate(half);
            plan.sizes = plan.sizes.map(|size| size.min(half as u8));
            k += 1;
        }
    }
}

/// Empties a vector, all of whose memory is overwritten.
pub(crate) fn erase<T: Copy>(values: &mut Vec<T>, with: T) {
    values.clear();
    values.resize(values.capacity(), with);
    core::hint::black_box(&mut *values);
    values.clear();
}

/// A cursor to lane `lane` of row `row`.
const fn cursor(row: u32, lane: usize, stride: usize) -> Cursor {
    (row as u64 * LANES as u64 + lane as u64) | (stride as u64) << 32
}

/// Puts an item where a cursor is, which moves on.
#[inline(always)]
pub(crate) fn put(items: &mut [u32], cursor: &mut Cursor, item: u32) {
    items[*cursor as u32 as usize] = item;
    *cursor += *cursor >> 32;
}

/// The lanes whose size is as asked for.
fn lanes(sizes: &[u8; LANES], which: impl Fn(u8) -> bool) -> u8 {
    (0..).zip(sizes).fold(0, |mask, (lane, size)| mask | u8::from(which(*size)) << lane)
}

#[cfg(test)]
mod tests {
    use ark_bn254::g1;

    use super::*;

    /// Rows of integers, of which a line's first word is one.
    struct Integers(Vec<[i64; LANES]>);

    impl Rows for Integers {
        const COUNT: usize = 70;

        fn begin(&mut self) {}

        fn import(&mut self, source: &[Line], rows: &[Row], items: &[[u32; LANES]]) {
            assert_eq!(rows.len(), items.len());
            for (row, items) in rows.iter().zip(items) {
                self.0[usize::from(*row)] = items.map(|item| {
                    let own = source[(item & INDEX) as usize].0[0].cast_signed();
                    if item & SIGN == 0 { own } else { -own }
                });
            }
        }

        fn add(&mut self, additions: &[Addition], _: &[Line], next: &[[u32; LANES]]) {
            assert!(next.len() <= Self::COUNT);
            let mut used = Vec::new();
            for Addition { a, b, keep } in additions {
                used.extend([*a, *b]);
                for lane in (0..LANES).filter(|lane| *keep >> lane & 1 == 0) {
                    self.0[usize::from(*a)][lane] += self.0[usize::from(*b)][lane];
                }
            }
            used.sort_unstable();
            assert!(used.windows(2).all(|rows| rows[0] != rows[1]), "a row is used twice");
        }

        fn export(&self, row: Row, places: &[u32; LANES], out: &mut [Line]) {
            for (own, place) in self.0[usize::from(row)].iter().zip(places) {
                if *place != NOWHERE {
                    out[*place as usize].0[0] = own.cast_unsigned();
                }
            }
        }
    }

    /// Sums lists of these lengths, of items that are all different.
    fn check(lists: &mut Lists<Integers>, sizes: &[u32]) {
        let count: u32 = sizes.iter().sum();
        let item = |k: u32| ((k * 7919 + 13) % (count + 1)) | ((k % 3 / 2) << 31);
        let mut source = vec![Line::ZERO; count as usize + 1];
        (0..).zip(&mut source).for_each(|(k, line): (u64, _)| line.0[0] = k * k + 1);
        let mut cursors = Vec::new();
        let items = lists.lay_out(sizes, &mut cursors);
        assert_eq!(cursors.len(), sizes.len());
        let mut expected = vec![77; sizes.len()];
        let mut k = 0;
        for ((size, cursor), expected) in sizes.iter().zip(&mut cursors).zip(&mut expected) {
            let mut sum = 0;
            for _ in 0..*size {
                let value = source[(item(k) & INDEX) as usize].0[0].cast_signed();
                sum += if item(k) & SIGN == 0 { value } else { -value };
                put(items, cursor, item(k));
                k += 1;
            }
            if *size != 0 {
                *expected = sum.cast_unsigned();
            }
        }
        let mut out = vec![Line([77; 8]); sizes.len()];
        lists.sum::<g1::Config>(&source, &mut out);
        assert_eq!(out.iter().map(|line| line.0[0]).collect::<Vec<_>>(), expected);
    }

    /// Lays out one list of this length: its groups are as many rows as it needs, none is higher than it may be, and all
    /// lanes together hold its items.
    fn check_layout(size: u32) {
        let mut lists = Lists::new(Integers(Vec::new()));
        let end = lists.lay_out_long(0, size, 5);
        assert_eq!(end - 5, size.div_ceil(LANES as u32));
        let (mut row, mut items) = (5, 0);
        for plan in &lists.plans {
            assert_eq!(plan.row, row, "of {size}");
            assert!((1..=LONGEST).contains(&usize::from(plan.height)), "of {size}");
            row += u32::from(plan.height);
            items += plan.sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
        }
        assert_eq!((row, items), (end, u64::from(size)));
    }

    #[test]
    fn a_list_of_any_length_is_laid_out_whole() {
        for size in [65, 512, 4097, 1 << 20, (1 << 22) - 1, 1 << 22, 4_196_298, 4_206_268, 4_300_000, 1 << 27] {
            check_layout(size);
        }
    }

    #[test]
    fn items_are_gone_once_they_are_erased() {
        let mut lists = Lists::new(Integers(vec![[-1; LANES]; Integers::COUNT + 1]));
        check(&mut lists, &[40_000, 7, 64]);
        check(&mut lists, &[3]);
        lists.erase();
        let capacity = lists.items.capacity();
        assert!(capacity >= 5000, "the memory is kept");
        // SAFETY: `erase` has written all of it.
        #[allow(unsafe_code)]
        let left = unsafe { core::slice::from_raw_parts(lists.items.as_ptr(), capacity) };
        assert!(left.iter().all(|items| *items == [0; LANES]));
    }

    #[test]
    fn lists_of_any_lengths_are_summed_and_empty_ones_left_alone() {
        let mut lists = Lists::new(Integers(vec![[-1; LANES]; Integers::COUNT + 1]));
        check(&mut lists, &[]);
        check(&mut lists, &[0, 0]);
        check(&mut lists, &[1]);
        check(&mut lists, &[0, 1, 0, 2]);
        check(&mut lists, &(0..200).map(|i| i % 65).collect::<Vec<_>>());
        check(&mut lists, &[12; 100]);
        check(&mut lists, &(0..100).map(|i| if i % 9 == 0 { 0 } else { 5 + i % 2 }).collect::<Vec<_>>());
        // Around the longest that is summed as one, around whole groups of parts, and lists of so many parts that these
        // are a long list again.
        for size in [63, 64, 65, 66, 71, 72, 73, 511, 512, 513, 520, 1024, 1025, 4096, 4103, 40_000] {
            check(&mut lists, &[size]);
            check(&mut lists, &[3, size, 0, 64, size + 1, 1]);
        }
    }
}
