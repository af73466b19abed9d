//! The kernel: an ensemble made ready, and rows through it.

use super::cuts::{Conditions, Place};
use super::ensemble::{Ensemble, Unsupported};
use super::forest::Forest;
use super::number::Number;
use super::places::Places;

/// Fewer rows are walked one by one.
const FEW: usize = 8;
/// Rows of a block: their places and sums stay in the nearest cache, together with a tree. What is left makes small blocks.
const LARGE: usize = 128;
const SMALL: usize = 32;

/// One TreeEnsemble. The rows may be shared out among threads: each is summed up by itself.
pub struct Kernel<V: Number> {
    places: Places<V>,
    /// The bits of the members.
    sets: Vec<u64>,
    forest: Forests<V>,
    n_targets: usize,
}

/// By the smallest type that holds every place.
enum Forests<V> {
    Bytes(Forest<V, u8>),
    Words(Forest<V, u16>),
    Large(Forest<V, u32>),
}

impl<V> Forests<V> {
    /// Of all trees together.
    fn depths(&self) -> usize {
        match self {
            Self::Bytes(forest) => forest.depths(),
            Self::Words(forest) => forest.depths(),
            Self::Large(forest) => forest.depths(),
        }
    }
}

impl<V: Number> Kernel<V> {
    /// node: a serialized NodeProto of a TreeEnsemble.
    pub fn parse(node: &[u8]) -> Result<Self, Unsupported> {
        let ensemble = Ensemble::parse(node)?;
        let conditions = Conditions::of(&ensemble)?;
        // One place more than there are cuts is an interval's end at most.
        let most = conditions.columns.iter().map(|column| column.cuts.len() + 1).max().unwrap_or(0);
        let forest = if most <= u8::MAX as usize {
            Forests::Bytes(Forest::grow(&ensemble, &conditions)?)
        } else if most <= u16::MAX as usize {
            Forests::Words(Forest::grow(&ensemble, &conditions)?)
        } else {
            Forests::Large(Forest::grow(&ensemble, &conditions)?)
        };
        let places = Places::of(&conditions.columns);
        // A tree or two that ask of many features are walked sooner than all of these are looked up, in either order.
        if ensemble.roots.len() <= 2 && forest.depths() < places.searches() {
            return Err(Unsupported);
        }
        Ok(Self { places, sets: conditions.sets, forest, n_targets: ensemble.n_targets })
    }

    pub fn n_targets(&self) -> usize {
        self.n_targets
    }

    /// How many features a row must have.
    pub fn width(&self) -> usize {
        self.places.width()
    }

    /// The sums of some rows. rows: [N, width]. sums: [N, n_targets]; what was there is overwritten.
    #[inline(always)]
    pub fn run(&self, rows: &[V], width: usize, sums: &mut [V]) {
        match &self.forest {
            Forests::Bytes(forest) => self.sum(forest, rows, width, sums),
            Forests::Words(forest) => self.sum(forest, rows, width, sums),
            Forests::Large(forest) => self.sum(forest, rows, width, sums),
        }
    }

    #[inline(always)]
    fn sum<P: Place>(&self, forest: &Forest<V, P>, rows: &[V], width: usize, sums: &mut [V]) {
        let count = rows.len() / width;
        if count <= FEW {
            return self.sum_each(forest, rows, width, sums);
        }
        let large = count / LARGE * LARGE;
        let (rows, few) = rows.split_at(large * width);
        let (sums, few_sums) = sums.split_at_mut(large * self.n_targets);
        self.sum_blocks::<P, LARGE>(forest, rows, width, sums);
        self.sum_blocks::<P, SMALL>(forest, few, width, few_sums);
    }

    #[inline(always)]
    fn sum_blocks<P: Place, const ROWS: usize>(&self, forest: &Forest<V, P>, rows: &[V], width: usize, sums: &mut [V]) {
        let mut block = vec![[P::default(); ROWS]; self.places.columns()];
        let mut totals = vec![[V::default(); ROWS]; self.n_targets];
        for (rows, sums) in rows.chunks(ROWS * width).zip(sums.chunks_mut(ROWS * self.n_targets)) {
            self.places.of_block(rows, width, &mut block);
            totals.fill([V::default(); ROWS]);
            forest.add_block(&block, &self.sets, &mut totals);
            for (row, sums) in sums.chunks_exact_mut(self.n_targets).enumerate() {
                for (sum, total) in sums.iter_mut().zip(&totals) {
                    *sum = total[row];
                }
            }
        }
    }

    #[inline(always)]
    fn sum_each<P: Place>(&self, forest: &Forest<V, P>, rows: &[V], width: usize, sums: &mut [V]) {
        let mut places = vec![P::default(); self.places.columns()];
        let mut leaves = vec![V::default(); forest.trees.len()];
        sums.fill(V::default());
        for (row, sums) in rows.chunks_exact(width).zip(sums.chunks_exact_mut(self.n_targets)) {
            self.places.of_row(row, &mut places);
            forest.add_row(&places, &self.sets, &mut leaves, sums);
        }
    }
}
