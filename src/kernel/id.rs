//! Keys: UUIDv7 made by us, 16 bytes in the database, a TypeID (`ans_01h45…`) on the wire.

use super::{Instant, Randomness};
use std::{fmt, marker::PhantomData, str::FromStr};

/// Crockford's base 32 in lower case, as the TypeID specification has it.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What an id is an id of: the prefix of its TypeID.
pub trait Named {
    const PREFIX: &'static str;
}

/// The key of a `T`. Ids sort by the time at which they were made.
pub struct Id<T>([u8; 16], PhantomData<fn() -> T>);

/// A text that is not the TypeID of this kind of thing.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("不是有效的编号 · not a valid id")]
pub struct NotAnId;

impl<T> Id<T> {
    /// A new UUIDv7 for this moment (RFC 9562, section 5.7).
    pub fn new(now: Instant, randomness: &dyn Randomness) -> Self {
        let mut random = [0; 10];
        randomness.fill(&mut random);
        Self::of(now, &random)
    }

    /// So many new ids for this moment, ascending: rows that are written in their order lie side by side.
    pub fn ascending(now: Instant, randomness: &dyn Randomness, count: usize) -> Vec<Self> {
        let mut random = vec![[0; 10]; count];
        randomness.fill(random.as_flattened_mut());
        // All share their moment, so what is random decides.
        let mut ids: Vec<Self> = random.iter().map(|random| Self::of(now, random)).collect();
        ids.sort_unstable();
        ids
    }

    fn of(now: Instant, random: &[u8; 10]) -> Self {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        Self::from_bytes(
            *uuid::Builder::from_unix_timestamp_millis(millis, random)
                .as_uuid()
                .as_bytes(),
        )
    }

    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes, PhantomData)
    }

    /// None where the length is not 16.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl<T: Named> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        write!(f, "{}_", T::PREFIX)?;
        let digits: [u8; 26] =
            std::array::from_fn(|i| ALPHABET[(number >> (125 - 5 * i)) as usize & 31]);
        f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl<T: Named> FromStr for Id<T> {
    type Err = NotAnId;
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits = text
            .strip_prefix(T::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(NotAnId)?;
        // The first of 26 digits carries 3 bits only.
        if digits.len() != 26 || digits.as_bytes()[0] > b'7' {
            return Err(NotAnId);
        }
        let number = digits.bytes().try_fold(0u128, |number, digit| {
            let value = ALPHABET
                .iter()
                .position(|known| *known == digit)
                .ok_or(NotAnId)?;
            Ok(number << 5 | value as u128)
        })?;
        Ok(Self::from_bytes(number.to_be_bytes()))
    }
}

impl<T: Named> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T: Named> serde::Serialize for Id<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de, T: Named> serde::Deserialize<'de> for Id<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

// By hand: a derive would ask the same of `T`.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Prefix;
    impl Named for Prefix {
        const PREFIX: &'static str = "prefix";
    }

    #[test]
    fn the_specification_s_own_example() {
        let id: Id<Prefix> = "prefix_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let uuid = uuid::Uuid::from_bytes(*id.as_bytes());
        assert_eq!(uuid.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(id.to_string(), "prefix_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn many_of_one_moment_ascend_and_differ() {
        let now = Instant::from_micros(1_700_000_000_000_000);
        let ids: Vec<Id<Prefix>> = Id::ascending(now, &crate::kernel::SystemRandomness, 1_000);
        assert_eq!(ids.len(), 1_000);
        assert!(ids.is_sorted_by(|a, b| a < b));
        let one: Id<Prefix> = Id::new(now, &crate::kernel::SystemRandomness);
        assert!(
            ids.iter()
                .all(|id| id.as_bytes()[..6] == one.as_bytes()[..6])
        );
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in [
            "prefix_81h455vb4pex5vsknk084sn02q",
            "other_01h455vb4pex5vsknk084sn02q",
            "prefix_01H455VB4PEX5VSKNK084SN02Q",
            "prefix_",
            "",
        ] {
            assert_eq!(text.parse::<Id<Prefix>>(), Err(NotAnId), "{text}");
        }
    }
}
