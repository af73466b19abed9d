//! A tree of few nodes answers faster if every node is asked of every row: no row waits for another, and one instruction asks
//! of many of them.

use super::cuts::Place;
use super::forest::{Forest, Shape, Tree};
use super::number::Number;

/// The deepest tree, and the most nodes with children: the numbers of leaves are bytes.
pub const DEEPEST: usize = 32;
pub const MOST: usize = 255;

/// One node: the leaf's number within its part of the tree is that of `yes` and `skip` more, where it holds, otherwise that of `no`.
#[derive(Clone, Copy)]
pub struct Step<P> {
    column: u16,
    low: P,
    width: P,
    /// Where the numbers within its children and its own are; those of a leaf are zeros, in place 0.
    yes: u8,
    no: u8,
    out: u8,
    skip: u8,
}

impl<V: Number, P: Place> Forest<V, P> {
    /// The same tree, with steps besides its nodes.
    pub fn answer_all(&mut self, tree: Tree) -> Tree {
        let (first, leaves) = (self.steps.len(), self.table.len());
        self.answer(tree.start, 1);
        Tree { shape: Shape::Steps { first, count: self.steps.len() - first }, leaves, ..tree }
    }

    /// Add the steps of a node and of what is below it; `out` and all places after it are free. Answers where its numbers are.
    fn answer(&mut self, at: usize, out: u8) -> u8 {
        let node = self.nodes[at];
        let child = node.child as usize;
        if child == at {
            self.table.push(self.values[at]);
            return 0;
        }
        let before = self.table.len();
        let no = self.answer(child, out);
        let skip = (self.table.len() - before) as u8;
        let yes = self.answer(child + 1, out + u8::from(no != 0));
        self.steps.push(Step { column: node.column, low: node.low, width: node.width, yes, no, out, skip });
        out
    }

    #[inline(always)]
    pub fn add_steps<const ROWS: usize>(&self, tree: &Tree, steps: &[Step<P>], block: &[[P; ROWS]], sums: &mut [V; ROWS]) {
        let mut numbers = [[0u8; ROWS]; DEEPEST + 1];
        for step in steps {
            let column = &block[usize::from(step.column)];
            let (yes, no) = (numbers[usize::from(step.yes)], numbers[usize::from(step.no)]);
            let out = &mut numbers[usize::from(step.out)];
            for row in 0..ROWS {
                let number = yes[row].wrapping_add(step.skip);
                out[row] = if column[row].within(step.low, step.width) { number } else { no[row] };
            }
        }
        let table = &self.table[tree.leaves..][..=steps.len()];
        for (sum, &number) in sums.iter_mut().zip(&numbers[1]) {
            *sum += table[usize::from(number)];
        }
    }
}
