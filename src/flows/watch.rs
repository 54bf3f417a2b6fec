//! How far long work has come, for whoever waits for it.

/// Told of the progress of one piece of long work after another.
pub trait Watch {
    /// A piece begins: what it is, and how much there is to do.
    fn begin(&self, what: &str, total: u64);
    /// So much is done.
    fn at(&self, done: u64);
    /// The piece is finished.
    fn end(&self);
}

/// Nobody waits.
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _: &str, _: u64) {}
    fn at(&self, _: u64) {}
    fn end(&self) {}
}
