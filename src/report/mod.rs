//! Reports: what the programme has come to, and how well the card tells good from bad. Rules only; what they are
//! applied to is read in `flows/report`.
//!
//! Everything is an [`Item`]: a merchant scored, a merchant with acquiring, a claim, a line. A [`Figure`] says what each
//! item adds to it, so that the list behind a figure is the items that add something.
//!
//! [`Item`]: crate::report::Item
//! [`Figure`]: crate::report::Figure

pub mod dimension;
pub mod discrimination;
pub mod figure;
pub mod item;
pub mod quality;
pub mod stability;
pub mod summary;
pub mod tally;

pub use dimension::Dimension;
pub use figure::Figure;
pub use item::{Acquiring, ClaimStand, Item, LineStand, Scored, Stand, What};
pub use quality::Quality;
pub use summary::Summary;
pub use tally::{Number, Seen, Tally};
