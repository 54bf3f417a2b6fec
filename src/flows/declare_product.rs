//! A bank tells what one of its products is from a day on. Records are only added: a later one replaces an earlier one
//! from its own day on, whether a county's folder or the bank has told it.

use crate::intake::county::Product;
use crate::kernel::{Clock, Day, Randomness};
use crate::product::Dated;
use crate::product::records::{Declarer, keep, products};
use crate::store::lock::hold;
use crate::store::{Conn, Failure};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// The bank had no product of that id.
    New,
    Changed,
    /// It holds from that day on already.
    Unchanged,
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProductRefusal {
    /// What was advised on past days rested on what was known of them then.
    #[error("早于营业日 · lies before the business date")]
    BeforeToday,
}

/// Records a product that holds from a day on, which is not before `today`, the business date.
///
/// # Errors
/// Where the day has passed, or the store fails.
pub fn declare_product(
    conn: &mut Conn,
    said: &Dated<Product>,
    by: &Declarer,
    today: Day,
    (clock, randomness): (&dyn Clock, &dyn Randomness),
) -> Result<Declared, Failure<ProductRefusal>> {
    let (product, from) = (&said.record, said.from);
    if from < today {
        return Err(Failure::Refused(ProductRefusal::BeforeToday));
    }
    // Two that come at once must see each other, or neither would be the later one.
    let name = ["product", &product.bank, &product.id].join("\u{1f}");
    hold(conn, [&*name])?;
    let is_new = !products(conn)?.has(&product.bank, &product.id);
    let ids = (clock.now(), randomness);
    let kept = keep(conn, std::slice::from_ref(product), from, Some(by), ids)?;
    Ok(match (kept, is_new) {
        (0, _) => Declared::Unchanged,
        (_, true) => Declared::New,
        (_, false) => Declared::Changed,
    })
}
