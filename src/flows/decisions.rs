//! What a bank decided about a line: the grant and each rise of the limit, with the tier that counts for it.

use crate::answer::Answer;
use crate::answer::records::{ToldAnswer, told_answers};
use crate::credit_line::{AtGrant, Decision, Line, ToldLimit};
use crate::kernel::{Day, Id};
use crate::product::Products;
use crate::scorecard::Scorecard;
use crate::store::{Conn, StoreError};
use std::collections::HashMap;

/// The answers that a bank was given and names as those it relied on.
pub type Answers = HashMap<Id<Answer>, ToldAnswer>;

/// Whose decisions they are, and what they are held against.
#[derive(Clone, Copy)]
pub struct Deciding<'a> {
    /// The bank, by its id.
    pub bank: &'a str,
    pub card: &'a Scorecard,
    pub products: &'a Products,
    pub answers: &'a Answers,
}

/// The answers on which decisions about these lines of a bank rest, as it says.
///
/// # Errors
/// Where the store fails.
pub fn answers_of(conn: &mut Conn, bank: &str, lines: &[Line]) -> Result<Answers, StoreError> {
    let named = |line: &'_ Line| {
        let limits = line.limits.iter().map(|told| told.relied_on);
        let named = std::iter::once(line.granted.relied_on).chain(limits);
        named.flatten().collect::<Vec<_>>()
    };
    let ids: Vec<Id<Answer>> = lines.iter().flat_map(named).collect();
    Ok(told_answers(conn, bank, &ids)?)
}

/// The grant and the rises of a line. The tier is that of the answer which the bank relied on; otherwise `reconstruct`
/// says what is known of it on the day.
///
/// # Errors
/// Where an answer that is kept cannot be read.
pub fn decisions<'a>(
    deciding: Deciding<'a>,
    line: &Line,
    reconstruct: impl Fn(Day) -> AtGrant,
) -> Result<(Decision<'a>, Vec<Decision<'a>>), StoreError> {
    let decide = |told: &ToldLimit| -> Result<Decision<'a>, StoreError> {
        let answer = told.relied_on.and_then(|id| deciding.answers.get(&id));
        let relied = match answer {
            Some(answer) => answer.tier(line.uscc, told.on)?,
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
