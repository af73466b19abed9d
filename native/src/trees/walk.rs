//! Rows through a forest: blocks of them through one tree after the other, several at a time, since a step has to wait for
//! the memory that the step before it has asked for. Each sum adds tree after tree, in their order.

use std::array::from_fn;

use super::cuts::Place;
use super::forest::{Forest, Level, Node, Shape, Tree};
use super::number::Number;

/// Rows or trees that are walked at the same time.
const WIDE: usize = 8;
/// Levels after which it is worth asking whether all have arrived.
const STRIDE: usize = 8;

impl<V: Number, P: Place> Forest<V, P> {
    /// block: the places of the rows, column after column. sets: the bits of the members. sums: [n_targets][ROWS].
    #[inline(always)]
    pub fn add_block<const ROWS: usize>(&self, block: &[[P; ROWS]], sets: &[u64], sums: &mut [[V; ROWS]]) {
        for tree in &self.trees {
            let sums = &mut sums[tree.target];
            match tree.shape {
                Shape::Table => self.add_table(tree, block, sums),
                Shape::Intervals => self.add_intervals(tree, block, sums),
                Shape::Steps { first, count } => self.add_steps(tree, &self.steps[first..][..count], block, sums),
                Shape::Sets => self.add_sets(tree, block, sets, sums),
            }
        }
    }

    #[inline(always)]
    fn add_table<const ROWS: usize>(&self, tree: &Tree, block: &[[P; ROWS]], sums: &mut [V; ROWS]) {
        let mut leaf = [0u8; ROWS];
        for level in &self.levels[tree.start..][..tree.depth] {
            let column = &block[usize::from(level.column)];
            for (leaf, place) in leaf.iter_mut().zip(column) {
                *leaf = *leaf << 1 | u8::from(place.within(level.low, level.width));
            }
        }
        let table = &self.table[tree.leaves..][..1 << tree.depth];
        for (sum, leaf) in sums.iter_mut().zip(leaf) {
            *sum += table[usize::from(leaf) & (table.len() - 1)];
        }
    }

    #[inline(always)]
    fn add_intervals<const ROWS: usize>(&self, tree: &Tree, block: &[[P; ROWS]], sums: &mut [V; ROWS]) {
        self.add_walks(tree, sums, |_, node, row| block[usize::from(node.column)][row].within(node.low, node.width));
    }

    #[inline(always)]
    fn add_sets<const ROWS: usize>(&self, tree: &Tree, block: &[[P; ROWS]], sets: &[u64], sums: &mut [V; ROWS]) {
        self.add_walks(tree, sums, |at, node, row| self.holds(at, node, block[usize::from(node.column)][row], sets));
    }

    /// holds: of the number of a node, that node, and a row.
    #[inline(always)]
    fn add_walks<const ROWS: usize>(&self, tree: &Tree, sums: &mut [V; ROWS], holds: impl Fn(usize, &Node<P>, usize) -> bool) {
        for first in (0..ROWS).step_by(WIDE) {
            let at = self.walk([tree.start as u32; WIDE], tree.depth, |at, node, k| holds(at, node, first + k));
            for k in 0..WIDE {
                sums[first + k] += self.values[at[k] as usize];
            }
        }
    }

    /// `depth` steps from each of `at`. holds: of the number of a node and that node, in the k-th walk.
    #[inline(always)]
    fn walk(&self, mut at: [u32; WIDE], depth: usize, holds: impl Fn(usize, &Node<P>, usize) -> bool) -> [u32; WIDE] {
        let mut left = depth;
        loop {
            let before = at;
            for _ in 0..left.min(STRIDE) {
                for (k, at) in at.iter_mut().enumerate() {
                    let node = &self.nodes[*at as usize];
                    *at = node.child + u32::from(holds(*at as usize, node, k));
                }
            }
            if left <= STRIDE || at == before {
                return at;
            }
            left -= STRIDE;
        }
    }

    /// What a node answers that asks for an interval or for members: the other of the two is empty.
    #[inline(always)]
    fn holds(&self, at: usize, node: &Node<P>, place: P, sets: &[u64]) -> bool {
        let bits = sets[self.sets[at] as usize + place.up() / 64];
        place.within(node.low, node.width) | (bits >> (place.up() % 64) & 1 == 1)
    }

    /// One row. places: by column. sets: the bits of the members. leaves: room for what each tree contributes. sums: zeros.
    #[inline(always)]
    pub fn add_row(&self, places: &[P], sets: &[u64], leaves: &mut [V], sums: &mut [V]) {
        for (leaf, tree) in leaves.iter_mut().zip(&self.trees) {
            if tree.shape == Shape::Table {
                *leaf = self.look_up(tree, places);
            }
        }
        let place = |node: &Node<P>| places[usize::from(node.column)];
        self.walk_trees(&self.walked[0], leaves, |_, node, _| place(node).within(node.low, node.width));
        self.walk_trees(&self.walked[1], leaves, |at, node, _| self.holds(at, node, place(node), sets));
        if let [only] = sums {
            *only = leaves.iter().fold(V::default(), |sum, &leaf| sum + leaf);
            return;
        }
        for (tree, &leaf) in self.trees.iter().zip(leaves.iter()) {
            sums[tree.target] += leaf;
        }
    }

    #[inline(always)]
    fn look_up(&self, tree: &Tree, places: &[P]) -> V {
        let bit =
            |leaf, level: &Level<P>| leaf << 1 | usize::from(places[usize::from(level.column)].within(level.low, level.width));
        self.table[tree.leaves + self.levels[tree.start..][..tree.depth].iter().fold(0, bit)]
    }

    /// One row through several trees at a time. holds: see `walk`.
    #[inline(always)]
    fn walk_trees(&self, numbers: &[usize], leaves: &mut [V], holds: impl Fn(usize, &Node<P>, usize) -> bool) {
        for numbers in numbers.chunks(WIDE) {
            let last = numbers.len() - 1;
            let trees: [&Tree; WIDE] = from_fn(|k| &self.trees[numbers[k.min(last)]]);
            let depth = trees.iter().map(|tree| tree.depth).max().unwrap_or(0);
            let at = self.walk(trees.map(|tree| tree.start as u32), depth, &holds);
            for (&number, at) in numbers.iter().zip(at) {
                leaves[number] = self.values[at as usize];
            }
        }
    }
}
