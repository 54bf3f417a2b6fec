//! What a bank decided about a line: the grant and each rise of the limit, with the tier that counts for it.

use crate::answer::records::told_tier;
use crate::credit_line::{AtGrant, Decision, Line, ToldLimit};
use crate::kernel::Day;
use crate::product::Products;
use crate::scorecard::Scorecard;
use crate::store::{Conn, StoreError};

/// Whose decisions they are, and what they are held against.
#[derive(Clone, Copy)]
pub struct Deciding<'a> {
    /// The bank, by its id.
    pub bank: &'a str,
    pub card: &'a Scorecard,
    pub products: &'a Products,
}

/// The grant and the rises of a line. The tier is that of the answer which the bank relied on; otherwise `reconstruct`
/// says what is known of it on the day.
pub fn decisions<'a>(
    conn: &mut Conn,
    deciding: Deciding<'a>,
    line: &Line,
    reconstruct: impl Fn(Day) -> AtGrant,
) -> Result<(Decision<'a>, Vec<Decision<'a>>), StoreError> {
    let mut decide = |told: &ToldLimit| -> Result<Decision<'a>, StoreError> {
        let relied = match told.relied_on {
            Some(answer) => told_tier(conn, deciding.bank, answer, line.uscc, told.on)?,
            None => None,
        };
        let has_unfit_answer = told.relied_on.is_some() && relied.is_none();
        let tier = match relied {
            Some(tier) => AtGrant::Relied(tier.and_then(|name| deciding.card.tier(&name))),
            None => reconstruct(told.on),
        };
        let product = &line.terms.product;
        Ok(Decision {
            limit: told.limit,
            tier,
            product: deciding.products.called(deciding.bank, product, told.on),
            has_unfit_answer,
        })
    };
    let granted = decide(&line.granted)?;
    let rises = line.rises().map(decide).collect::<Result<_, _>>()?;
    Ok((granted, rises))
}
