//! Reports: what the programme has come to, and how well the card tells good from bad. Rules only; what they are
//! applied to is read in `flows/report`.

pub mod discrimination;
pub mod stability;
