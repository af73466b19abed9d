//! The two types of numbers that trees compare, and the whole numbers that order them.

use std::fmt::Debug;
use std::ops::{Add, AddAssign};

/// float32 or float64.
pub trait Number: Copy + Default + Debug + PartialEq + Add<Output = Self> + AddAssign + Send + Sync + 'static {
    /// Whole numbers in the order of the numbers: an index into what lies between thresholds is found by comparing them.
    type Key: Copy + Default + Ord + Debug + Send + Sync + 'static;

    /// Beyond the key of every number.
    const END: Self::Key;
    const LOWEST: Self;
    /// TensorProto's code of the type, and the bytes of a number.
    const CODE: u64;
    const SIZE: usize;

    /// Equal for numbers that are equal, -0.0 and 0.0 among them; a NaN comes before everything.
    fn key(self) -> Self::Key;
    /// The key after this one, at most END for that of a number.
    fn after(key: Self::Key) -> Self::Key;
    fn is_nan(self) -> bool;
    /// bytes: little-endian, SIZE of them.
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! number {
    ($float:ty, $key:ty, $bits:ty, $code:expr) => {
        impl Number for $float {
            type Key = $key;

            const END: $key = <$key>::MAX;
            const LOWEST: Self = Self::NEG_INFINITY;
            const CODE: u64 = $code;
            const SIZE: usize = size_of::<$float>();

            #[inline(always)]
            fn key(self) -> $key {
                let bits = (self + 0.0).to_bits() as $key; // -0.0 + 0.0 is 0.0
                // The magnitude of a negative number counts downwards.
                let key = bits ^ ((bits >> (<$key>::BITS - 1)) as $bits >> 1) as $key;
                if self.is_nan() { <$key>::MIN } else { key }
            }

            fn after(key: $key) -> $key {
                key + 1
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                <$float>::is_nan(self)
            }

            fn read(bytes: &[u8]) -> Self {
                let mut whole = [0; size_of::<$float>()];
                whole.copy_from_slice(bytes);
                Self::from_le_bytes(whole)
            }
        }
    };
}

number!(f32, i32, u32, 1);
number!(f64, i64, u64, 11);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_the_numbers(a: f32, b: f32, c: f64, d: f64) {
            if !a.is_nan() && !b.is_nan() {
                prop_assert_eq!(a.partial_cmp(&b), Some(a.key().cmp(&b.key())));
            }
            if !c.is_nan() && !d.is_nan() {
                prop_assert_eq!(c.partial_cmp(&d), Some(c.key().cmp(&d.key())));
            }
        }
    }

    #[test]
    fn the_ends_and_the_zeros() {
        assert_eq!((-0.0f32).key(), 0.0f32.key());
        assert_eq!((-0.0f64).key(), 0.0f64.key());
        assert!(f32::NAN.key() < f32::NEG_INFINITY.key() && (-f64::NAN).key() < f64::NEG_INFINITY.key());
        assert!(f32::INFINITY.key() < f32::END && f64::INFINITY.key() < f64::END);
        assert_eq!(f32::after(1.0f32.key()), 1.0f32.next_up().key());
        assert_eq!(f64::after((-1.0f64).key()), (-1.0f64).next_up().key());
    }
}
