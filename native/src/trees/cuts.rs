//! What a forest asks of each feature, as places among the thresholds: a row's numbers are looked up once, in the sorted
//! thresholds of their features, and every split then compares small whole numbers.

use std::collections::{HashMap, HashSet};

use super::ensemble::{Ensemble, Unsupported};
use super::number::Number;

/// The unsigned type of a place among the thresholds of a feature.
pub trait Place: Copy + Default + PartialEq + Ord + Send + Sync + 'static {
    fn of(place: usize) -> Self;
    fn up(self) -> usize;
    /// Whether `low <= self < low + width`.
    fn within(self, low: Self, width: Self) -> bool;
}

macro_rules! place {
    ($($type:ty),*) => {$(
        impl Place for $type {
            #[inline(always)]
            fn of(place: usize) -> Self {
                place as $type
            }

            #[inline(always)]
            fn up(self) -> usize {
                self as usize
            }

            #[inline(always)]
            fn within(self, low: Self, width: Self) -> bool {
                self.wrapping_sub(low) < width
            }
        }
    )*};
}

place!(u8, u16, u32);

/// What a node asks of a number, as an interval of keys `[from, to)` and NaN, or as a list of keys.
enum Question<K> {
    Interval { from: K, to: K, nan: bool },
    Members { keys: Vec<K>, nan: bool },
}

/// By node, and whether its children change places.
type Questions<K> = Vec<(Question<K>, bool)>;

/// The same of a place: `low <= place < low + width`, or that its bit is set in the words from here on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Test {
    Interval { low: usize, width: usize },
    Set(usize),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// Which of the features that anything asks of.
    pub column: usize,
    pub test: Test,
    /// Whether the children change places: the test holds for those that the node sends the `false` way.
    pub swapped: bool,
}

/// The sorted keys at which the answers about one feature change, the lowest number's first: how many of them are not above a
/// number's key is its place, 0 for NaN.
pub struct Column<K> {
    pub feature: usize,
    pub cuts: Vec<K>,
}

impl<K: Copy + Ord> Column<K> {
    fn last(&self) -> K {
        self.cuts[self.cuts.len() - 1]
    }

    /// The place of numbers from this key on, which is one of the cuts.
    fn place(&self, key: K) -> usize {
        self.cuts.partition_point(|&cut| cut < key) + 1
    }
}

pub struct Conditions<K> {
    pub columns: Vec<Column<K>>,
    /// By node.
    pub conditions: Vec<Condition>,
    /// A bit for each place of a set's column, one set after the other; zeros at first, as many as any column has.
    pub sets: Vec<u64>,
}

impl<K: Copy + Ord> Conditions<K> {
    pub fn of<V: Number<Key = K>>(ensemble: &Ensemble<V>) -> Result<Self, Unsupported> {
        let questions = questions(ensemble)?;
        let mut cuts: HashMap<usize, Vec<K>> = HashMap::new();
        for ((question, _), &feature) in questions.iter().zip(&ensemble.features) {
            let cuts = cuts.entry(feature).or_insert_with(|| vec![V::LOWEST.key()]);
            match question {
                Question::Interval { from, to, .. } => cuts.extend([from, to]),
                Question::Members { keys, .. } => cuts.extend(keys.iter().flat_map(|&key| [key, V::after(key)])),
            }
        }
        let whole: HashSet<usize> = questions
            .iter()
            .zip(&ensemble.features)
            .filter(|((question, _), _)| matches!(question, Question::Members { .. }))
            .map(|(_, &feature)| feature)
            .collect();
        let mut features: Vec<(usize, Vec<K>)> = cuts.into_iter().collect();
        features.sort_unstable_by_key(|(feature, _)| *feature);
        for (_, cuts) in &mut features {
            cuts.sort_unstable();
            cuts.dedup();
            cuts.pop_if(|cut| *cut == V::END);
        }
        let columns = columns(features, &whole);
        let mut sets = Sets::of(&columns);
        let mut conditions = Vec::with_capacity(questions.len());
        for ((question, swapped), &feature) in questions.into_iter().zip(&ensemble.features) {
            let column = match question {
                Question::Interval { to, .. } => columns.partition_point(|c| (c.feature, c.last()) < (feature, to)),
                Question::Members { .. } => columns.partition_point(|c| c.feature < feature),
            };
            // No interval ends beyond the last cut, but for the one that has no end.
            let column = if columns.get(column).is_some_and(|c| c.feature == feature) { column } else { column - 1 };
            let test = sets.test(question, &columns[column])?;
            conditions.push(Condition { column, test, swapped });
        }
        Ok(Self { columns, conditions, sets: sets.bits })
    }
}

/// The largest number of places that fits a byte, and how many cuts make as many.
const BYTE: usize = u8::MAX as usize;
/// So many times as many columns are not too many, for all places to fit a byte.
const SPLIT: usize = 4;

/// The columns of all features. Those with more cuts than a byte counts are split into several, which share the cuts in between;
/// but not where a set asks of the `whole` feature, and not where there would be many.
fn columns<K: Copy>(features: Vec<(usize, Vec<K>)>, whole: &HashSet<usize>) -> Vec<Column<K>> {
    let pieces = |cuts: &Vec<K>| if cuts.len() < BYTE { 1 } else { cuts.len().div_ceil(BYTE - 3) };
    let too_many = features.iter().map(|(_, cuts)| pieces(cuts)).sum::<usize>() > SPLIT * features.len();
    let fits = |(feature, cuts): &(usize, Vec<K>)| cuts.len() < BYTE || !whole.contains(feature);
    if too_many || !features.iter().all(fits) {
        return features.into_iter().map(|(feature, cuts)| Column { feature, cuts }).collect();
    }
    let mut columns = Vec::new();
    for (feature, cuts) in features {
        if pieces(&cuts) == 1 {
            columns.push(Column { feature, cuts });
            continue;
        }
        for start in (1..cuts.len()).step_by(BYTE - 3) {
            let piece = &cuts[start..cuts.len().min(start + BYTE - 2)];
            columns.push(Column { feature, cuts: cuts[..1].iter().chain(piece).copied().collect() });
        }
    }
    columns
}

/// What each node asks, and whether its children change places.
fn questions<V: Number>(ensemble: &Ensemble<V>) -> Result<Questions<V::Key>, Unsupported> {
    let mut members = ensemble.members.split(|value| value.is_nan());
    let lowest = V::LOWEST.key();
    let mut questions = Vec::with_capacity(ensemble.modes.len());
    for (node, (&mode, &split)) in ensemble.modes.iter().zip(&ensemble.splits).enumerate() {
        let nan = ensemble.missing.get(node).is_some_and(|&tracks| tracks != 0);
        let key = split.key();
        if split.is_nan() && mode != 6 {
            return Err(Unsupported);
        }
        questions.push(match mode {
            0 => (Question::Interval { from: lowest, to: V::after(key), nan }, false), // <=
            1 => (Question::Interval { from: lowest, to: key, nan }, false),           // <
            2 => (Question::Interval { from: lowest, to: key, nan: !nan }, true),      // not >=
            3 => (Question::Interval { from: lowest, to: V::after(key), nan: !nan }, true), // not >
            4 if nan => (Question::Members { keys: vec![key], nan }, false),
            4 => (Question::Interval { from: key, to: V::after(key), nan }, false), // ==
            5 => (Question::Interval { from: key, to: V::after(key), nan: false }, true), // not !=, which NaN is anyway
            6 => {
                let keys = members.next().ok_or(Unsupported)?.iter().map(|value| value.key()).collect();
                (Question::Members { keys, nan }, false)
            }
            _ => return Err(Unsupported),
        });
    }
    Ok(questions)
}

/// More words of 64 bits are not spent on members.
const MOST: usize = 1 << 23;

/// The bits of all sets, one set after another; those that all other nodes have come first, and are zeros.
struct Sets {
    bits: Vec<u64>,
    known: HashMap<Vec<u64>, usize>,
}

impl Sets {
    fn of<K>(columns: &[Column<K>]) -> Self {
        let most = columns.iter().map(|column| column.cuts.len() / 64 + 1).max().unwrap_or(0);
        Self { bits: vec![0; most], known: HashMap::new() }
    }

    fn test<K: Copy + Ord>(&mut self, question: Question<K>, column: &Column<K>) -> Result<Test, Unsupported> {
        match question {
            Question::Interval { from, to, nan } => {
                let (low, end) = (if nan { 0 } else { column.place(from) }, column.place(to));
                Ok(Test::Interval { low, width: end - low })
            }
            Question::Members { keys, nan } => {
                let mut bits = vec![0u64; column.cuts.len() / 64 + 1];
                for place in keys.iter().map(|&key| column.place(key)).chain(nan.then_some(0)) {
                    bits[place / 64] |= 1 << (place % 64);
                }
                let next = self.bits.len();
                let start = *self.known.entry(bits).or_insert_with_key(|bits| {
                    self.bits.extend_from_slice(bits);
                    next
                });
                if self.bits.len() > MOST { Err(Unsupported) } else { Ok(Test::Set(start)) }
            }
        }
    }
}
