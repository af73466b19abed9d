//! Rows through a forest: blocks of them through one tree after the other, several at a time, since a step has to wait for
//! the memory that the step before it has asked for. Each sum adds tree after tree, in their order.

use super::cuts::Place;
use super::forest::{Forest, NONE, Node, Shape, Tree};
use super::number::Number;

/// Rows or trees that are walked at the same time.
const WIDE: usize = 8;
/// Levels after which it is worth asking whether all have arrived.
const STRIDE: usize = 8;

impl<V: Number, P: Place> Forest<V, P> {
    /// block: the places of the rows, column after column. sums: [n_targets][ROWS]. sets: the members of each set.
    #[inline(always)]
    pub fn add_block<const ROWS: usize>(&self, block: &[[P; ROWS]], sets: &[Vec<u64>], sums: &mut [[V; ROWS]]) {
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
        for first in (0..ROWS).step_by(WIDE) {
            let at = self.walk([tree.start as u32; WIDE], tree.depth, |node, k| block[usize::from(node.column)][first + k]);
            for k in 0..WIDE {
                sums[first + k] += self.values[at[k] as usize];
            }
        }
    }

    #[inline(always)]
    fn add_sets<const ROWS: usize>(&self, tree: &Tree, block: &[[P; ROWS]], sets: &[Vec<u64>], sums: &mut [V; ROWS]) {
        for (row, sum) in sums.iter_mut().enumerate() {
            *sum += self.search(tree, sets, |column| block[column][row]);
        }
    }

    /// `depth` steps from each of `at`. place: that a node asks of, in the k-th walk.
    #[inline(always)]
    fn walk(&self, mut at: [u32; WIDE], depth: usize, place: impl Fn(&Node<P>, usize) -> P) -> [u32; WIDE] {
        let mut left = depth;
        while left > 0 {
            let before = at;
            for _ in 0..left.min(STRIDE) {
                for (k, at) in at.iter_mut().enumerate() {
                    let node = &self.nodes[*at as usize];
                    *at = node.child + u32::from(place(node, k).within(node.low, node.width));
                }
            }
            if at == before {
                break;
            }
            left -= left.min(STRIDE);
        }
        at
    }

    /// The leaf of one row in a tree that asks for members.
    #[inline(always)]
    fn search(&self, tree: &Tree, sets: &[Vec<u64>], place: impl Fn(usize) -> P) -> V {
        let mut at = tree.start;
        for _ in 0..tree.depth {
            let node = &self.nodes[at];
            let place = place(usize::from(node.column));
            let holds = match self.sets[at] {
                NONE => place.within(node.low, node.width),
                set => sets[set as usize][place.up() / 64] >> (place.up() % 64) & 1 == 1,
            };
            at = node.child as usize + usize::from(holds);
        }
        self.values[at]
    }

    /// One row. places: by column. leaves: room for what each tree contributes. sums: zeros, [n_targets].
    #[inline(always)]
    pub fn add_row(&self, places: &[P], sets: &[Vec<u64>], leaves: &mut [V], sums: &mut [V]) {
        let mut waiting = [0usize; WIDE];
        let mut count = 0;
        for (number, tree) in self.trees.iter().enumerate() {
            match tree.shape {
                Shape::Table => leaves[number] = self.look_up(tree, places),
                Shape::Sets => leaves[number] = self.search(tree, sets, |column| places[column]),
                Shape::Intervals | Shape::Steps { .. } => {
                    waiting[count] = number;
                    count += 1;
                    if count == WIDE {
                        self.walk_trees(&waiting, places, leaves);
                        count = 0;
                    }
                }
            }
        }
        if count > 0 {
            let last = waiting[count - 1];
            waiting[count..].fill(last);
            self.walk_trees(&waiting, places, leaves);
        }
        for (tree, &leaf) in self.trees.iter().zip(leaves.iter()) {
            sums[tree.target] += leaf;
        }
    }

    #[inline(always)]
    fn look_up(&self, tree: &Tree, places: &[P]) -> V {
        let levels = &self.levels[tree.start..][..tree.depth];
        let bit = |leaf, level: &super::forest::Level<P>| {
            leaf << 1 | usize::from(places[usize::from(level.column)].within(level.low, level.width))
        };
        self.table[tree.leaves + levels.iter().fold(0, bit)]
    }

    /// One row through several trees.
    #[inline(always)]
    fn walk_trees(&self, numbers: &[usize; WIDE], places: &[P], leaves: &mut [V]) {
        let start = numbers.map(|number| self.trees[number].start as u32);
        let depth = numbers.iter().map(|&number| self.trees[number].depth).max().unwrap_or(0);
        let at = self.walk(start, depth, |node, _| places[usize::from(node.column)]);
        for (&number, at) in numbers.iter().zip(at) {
            leaves[number] = self.values[at as usize];
        }
    }
}
