//! From a row's numbers to their places among the thresholds, by binary search without branches.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::cuts::{Column, Place};
use super::number::Number;

/// The thresholds of all features that are asked of, those of each filled up to a power of two.
pub struct Places<V: Number> {
    cuts: Vec<V::Key>,
    features: Vec<Feature>,
    pieces: Vec<Piece>,
}

struct Feature {
    number: usize,
    /// Of its cuts.
    start: usize,
    length: usize,
    /// Of its columns.
    columns: Range<usize>,
}

/// A column has `count` of its feature's cuts, from `first` on, and the lowest number.
struct Piece {
    first: u32,
    count: u32,
}

impl Piece {
    /// The place in the column; found: how many of all cuts are not above.
    #[inline(always)]
    fn place(&self, found: u32) -> u32 {
        found.saturating_sub(self.first).min(self.count) + found.min(1)
    }
}

/// Rows that are looked up at the same time.
const WIDE: usize = 8;

impl<V: Number> Places<V> {
    /// columns: those of one feature in the order of their cuts, the last cut of each perhaps the first of the next.
    pub fn of(columns: &[Column<V::Key>]) -> Self {
        let mut places = Self { cuts: Vec::new(), features: Vec::new(), pieces: Vec::new() };
        for columns in columns.chunk_by(|a, b| a.feature == b.feature) {
            let (start, first) = (places.cuts.len(), places.pieces.len());
            places.cuts.push(V::LOWEST.key());
            for column in columns {
                let own = &column.cuts[1..];
                let known = own.partition_point(|cut| places.cuts[start..].contains(cut));
                let (first, count) = ((places.cuts.len() - start - known) as u32, own.len() as u32);
                places.pieces.push(Piece { first, count });
                places.cuts.extend_from_slice(&own[known..]);
            }
            let length = (places.cuts.len() + 1 - start).next_power_of_two();
            places.cuts.resize(start + length, V::END);
            places.features.push(Feature { number: columns[0].feature, start, length, columns: first..places.pieces.len() });
        }
        places
    }

    /// The comparisons that look up a row.
    pub fn searches(&self) -> usize {
        self.features.iter().map(|feature| feature.length.ilog2() as usize).sum()
    }

    pub fn columns(&self) -> usize {
        self.pieces.len()
    }

    /// How many features a row must have.
    pub fn width(&self) -> usize {
        self.features.last().map_or(0, |feature| feature.number + 1)
    }

    /// The places of at most ROWS rows of `width` features; those of the rows that are not there are any.
    #[inline(always)]
    pub fn of_block<P: Place, const ROWS: usize>(&self, rows: &[V], width: usize, block: &mut [[P; ROWS]]) {
        for feature in &self.features {
            let cuts = &self.cuts[feature.start..][..feature.length];
            let mut keys = [V::END; ROWS];
            for (key, row) in keys.iter_mut().zip(rows.chunks_exact(width)) {
                *key = row[feature.number].key();
            }
            let mut found = [0u32; ROWS];
            for (found, keys) in found.chunks_exact_mut(WIDE).zip(keys.chunks_exact(WIDE)) {
                let several: [V::Key; WIDE] = std::array::from_fn(|k| keys[k]);
                found.copy_from_slice(&search(cuts, several));
            }
            let columns = feature.columns.clone();
            for (piece, places) in self.pieces[columns.clone()].iter().zip(&mut block[columns]) {
                for (place, found) in places.iter_mut().zip(found) {
                    *place = P::of(piece.place(found) as usize);
                }
            }
        }
    }

    #[inline(always)]
    pub fn of_row<P: Place>(&self, row: &[V], places: &mut [P]) {
        for feature in &self.features {
            let [found] = search(&self.cuts[feature.start..][..feature.length], [row[feature.number].key()]);
            let columns = feature.columns.clone();
            for (piece, place) in self.pieces[columns.clone()].iter().zip(&mut places[columns]) {
                *place = P::of(piece.place(found) as usize);
            }
        }
    }
}

/// How many of the cuts, a power of two, the last of which is above everything, are not above each of the keys.
#[inline(always)]
fn search<K: Copy + Ord, const N: usize>(cuts: &[K], keys: [K; N]) -> [u32; N] {
    let (mut found, mut half) = ([0; N], cuts.len() / 2);
    while half > 0 {
        for (found, key) in found.iter_mut().zip(&keys) {
            let next = *found + half;
            *found = select_unpredictable(cuts[next - 1] <= *key, next, *found);
        }
        half /= 2;
    }
    found.map(|found| found as u32)
}
