//! Words that every room shares. Nothing in here does I/O, but for the one real clock and the digest of
//! a file.

pub mod actor;
pub mod business_date;
pub mod clock;
pub mod day;
pub mod digest;
pub mod id;
pub mod instant;
pub mod money;
pub mod text;
pub mod uscc;
pub mod working_days;

pub use actor::Actor;
pub use business_date::BusinessDate;
pub use clock::{Clock, Randomness, SystemClock, SystemRandomness};
pub use day::{Day, Month};
pub use digest::Digest;
pub use id::Id;
pub use instant::Instant;
pub use money::Money;
pub use text::Bilingual;
pub use uscc::Uscc;
pub use working_days::WorkingDays;
