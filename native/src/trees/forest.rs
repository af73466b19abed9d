//! Trees laid out for walking: the two children of a node lie side by side, a leaf leads to itself, and a tree that asks the
//! same of all nodes of a level is a table behind as many bits.

use std::collections::VecDeque;

use super::cuts::{Condition, Conditions, Place, Test};
use super::ensemble::{Ensemble, Unsupported};
use super::number::Number;
use super::steps::{DEEPEST, MOST, Step};

/// Where `low <= place < low + width` holds of a row's place in `column`, on to `child + 1`, otherwise to `child`.
#[derive(Clone, Copy, Default)]
pub struct Node<P> {
    pub child: u32,
    pub column: u16,
    pub low: P,
    pub width: P,
}

/// One level of a table: whether it holds is a bit of the leaf's number.
#[derive(Clone, Copy)]
pub struct Level<P> {
    pub column: u16,
    pub low: P,
    pub width: P,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Nodes from `start` on; some of them ask for members.
    Sets,
    /// Nodes from `start` on, all of which ask for an interval.
    Intervals,
    /// The same, and so many steps that answer every node of the tree, from `first` on, and as many leaves and one.
    Steps { first: usize, count: usize },
    /// Levels from `start` on, and 2^depth leaves.
    Table,
}

#[derive(Clone, Copy, Debug)]
pub struct Tree {
    pub shape: Shape,
    pub start: usize,
    pub depth: usize,
    /// Where its leaves begin in the table.
    pub leaves: usize,
    /// Which sum its leaves count for.
    pub target: usize,
}

pub struct Forest<V, P> {
    pub trees: Vec<Tree>,
    /// The numbers of the trees whose nodes all ask for intervals, and of those that ask for members.
    pub walked: [Vec<usize>; 2],
    pub nodes: Vec<Node<P>>,
    /// By node, where the bits of its set begin; 0 for those without. Empty where there is no set.
    pub sets: Vec<u32>,
    /// By node.
    pub values: Vec<V>,
    pub levels: Vec<Level<P>>,
    pub steps: Vec<Step<P>>,
    /// The leaves of the trees with levels or steps, in the order of their numbers.
    pub table: Vec<V>,
}

/// The deepest table: its leaves' numbers are bytes.
const TABLE: usize = 8;

impl<V: Number, P: Place> Forest<V, P> {
    pub fn grow(ensemble: &Ensemble<V>, conditions: &Conditions<V::Key>) -> Result<Self, Unsupported> {
        if conditions.columns.len() > usize::from(u16::MAX) {
            return Err(Unsupported);
        }
        let mut forest = Self {
            trees: Vec::with_capacity(ensemble.roots.len()),
            walked: Default::default(),
            nodes: Vec::new(),
            sets: Vec::new(),
            values: Vec::new(),
            levels: Vec::new(),
            steps: Vec::new(),
            table: Vec::new(),
        };
        // Nodes that several others lead to are copied, within reason; those that lead to themselves would never end.
        let mut left = 2 * ensemble.features.len() + ensemble.roots.len();
        for &root in &ensemble.roots {
            let tree = forest.plant(ensemble, &conditions.conditions, root, &mut left)?;
            match tree.shape {
                Shape::Intervals | Shape::Steps { .. } => forest.walked[0].push(forest.trees.len()),
                Shape::Sets => forest.walked[1].push(forest.trees.len()),
                Shape::Table => (),
            }
            forest.trees.push(tree);
        }
        Ok(forest)
    }

    /// Add one tree, level by level.
    fn plant(
        &mut self,
        ensemble: &Ensemble<V>,
        conditions: &[Condition],
        root: usize,
        left: &mut usize,
    ) -> Result<Tree, Unsupported> {
        let start = self.nodes.len();
        let (mut target, mut sets, mut depth) = (None, false, 0);
        let mut levels = Levels::default();
        let mut queue = VecDeque::from([(Where::node(ensemble, root), start, 0)]);
        self.room(1);
        while let Some((place, slot, level)) = queue.pop_front() {
            *left = left.checked_sub(1).ok_or(Unsupported)?;
            depth = level;
            match place {
                Where::Leaf(leaf) => {
                    levels.leaf(level);
                    self.values[slot] = ensemble.weights[leaf];
                    self.nodes[slot].child = slot as u32;
                    if *target.get_or_insert(ensemble.targets[leaf]) != ensemble.targets[leaf] {
                        return Err(Unsupported);
                    }
                }
                Where::Node(node) => {
                    let condition = conditions[node];
                    levels.node(level, &condition);
                    let child = self.nodes.len();
                    self.room(2);
                    self.nodes[slot] = Node { child: child as u32, column: condition.column as u16, ..Node::default() };
                    match condition.test {
                        Test::Interval { low, width } => {
                            (self.nodes[slot].low, self.nodes[slot].width) = (P::of(low), P::of(width));
                        }
                        Test::Set(first) => {
                            sets = true;
                            self.sets.resize(self.nodes.len(), 0);
                            self.sets[slot] = first as u32;
                        }
                    }
                    let (yes, no) = Where::children(ensemble, node, condition.swapped);
                    queue.extend([(no, child, level + 1), (yes, child + 1, level + 1)]);
                }
            }
        }
        if self.nodes.len() >= u32::MAX as usize {
            return Err(Unsupported);
        }
        let shape = if sets { Shape::Sets } else { Shape::Intervals };
        let tree = Tree { shape, start, leaves: 0, depth, target: target.ok_or(Unsupported)? };
        Ok(match shape {
            _ if depth <= TABLE && levels.are_alike(depth) => self.tabulate(tree, &levels),
            Shape::Intervals if depth <= DEEPEST && (self.nodes.len() - start) / 2 <= MOST => self.answer_all(tree),
            _ => tree,
        })
    }

    fn room(&mut self, more: usize) {
        let length = self.nodes.len() + more;
        self.nodes.resize(length, Node::default());
        self.values.resize(length, V::default());
        if !self.sets.is_empty() {
            self.sets.resize(length, 0);
        }
    }

    /// The same tree as a table; its leaves are its last nodes, in the order of their numbers.
    fn tabulate(&mut self, tree: Tree, alike: &Levels) -> Tree {
        let (start, leaves) = (self.levels.len(), self.table.len());
        for condition in alike.levels.iter().flatten() {
            if let Test::Interval { low, width } = condition.test {
                self.levels.push(Level { column: condition.column as u16, low: P::of(low), width: P::of(width) });
            }
        }
        self.table.extend_from_slice(&self.values[self.values.len() - (1 << tree.depth)..]);
        self.nodes.truncate(tree.start);
        self.values.truncate(tree.start);
        self.sets.truncate(tree.start);
        Tree { shape: Shape::Table, start, leaves, ..tree }
    }
}

impl<V, P> Forest<V, P> {
    /// The steps of a row through all trees, at most.
    pub fn depths(&self) -> usize {
        self.trees.iter().map(|tree| tree.depth).sum()
    }
}

/// A node or a leaf of the ensemble.
enum Where {
    Node(usize),
    Leaf(usize),
}

impl Where {
    /// A node; the leaf, if both of its sides are that leaf.
    fn node<V>(ensemble: &Ensemble<V>, node: usize) -> Self {
        let (yes, no) = (ensemble.true_ids[node], ensemble.false_ids[node]);
        let leaves = ensemble.true_leafs[node] != 0 && ensemble.false_leafs[node] != 0;
        if leaves && yes == no { Self::Leaf(yes) } else { Self::Node(node) }
    }

    /// Where a row goes for which the condition holds, and where any other.
    fn children<V>(ensemble: &Ensemble<V>, node: usize, swapped: bool) -> (Self, Self) {
        let child = |id: usize, leaf: usize| if leaf != 0 { Self::Leaf(id) } else { Self::node(ensemble, id) };
        let yes = child(ensemble.true_ids[node], ensemble.true_leafs[node]);
        let no = child(ensemble.false_ids[node], ensemble.false_leafs[node]);
        if swapped { (no, yes) } else { (yes, no) }
    }
}

/// What the levels of a tree have in common.
#[derive(Default)]
struct Levels {
    /// By level; None where its nodes differ, or where they ask for no interval.
    levels: Vec<Option<Condition>>,
    /// How many each level has.
    leaves: Vec<usize>,
}

impl Levels {
    fn node(&mut self, level: usize, condition: &Condition) {
        let test = matches!(condition.test, Test::Interval { .. });
        let asked = Condition { swapped: false, ..*condition };
        match self.levels.get_mut(level) {
            None => self.levels.push(test.then_some(asked)),
            Some(common) => *common = common.filter(|known| *known == asked),
        }
    }

    fn leaf(&mut self, level: usize) {
        self.leaves.resize(self.leaves.len().max(level + 1), 0);
        self.leaves[level] += 1;
    }

    /// Whether all leaves are at the end of `depth` levels, each of which asks one thing.
    fn are_alike(&self, depth: usize) -> bool {
        self.leaves.last() == Some(&(1 << depth)) && self.levels.iter().all(Option::is_some)
    }
}
