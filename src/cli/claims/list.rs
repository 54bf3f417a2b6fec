//! `daishan claims --format`: the list of claims.

use crate::cli::scores::Format;
use crate::cli::table::List;
use crate::cli::{Context, Failed};
use crate::flows::list_claims::list_claims;
use crate::kernel::Uscc;
use crate::store::Failure;
use crate::store::error::Never;
use crate::subsidy::records::{Claimed, Filter};
use serde_json::{Value, json};

/// What is told of each claim. The first columns are those of the samples' `expected_claims.csv`: `fee` is the base,
/// `claim` what was computed; `remaining` is what is left of it after differences, and `number` 0 the claim itself,
/// above 0 a difference found later.
const COLUMNS: [&str; 10] = [
    "uscc",
    "acquirer",
    "month",
    "fee",
    "claim",
    "remaining",
    "status",
    "programme",
    "number",
    "id",
];

fn row(uscc: Uscc, claim: &Claimed) -> [Value; COLUMNS.len()] {
    [
        json!(uscc),
        json!(claim.acquirer),
        json!(claim.month.to_string()),
        json!(claim.fee.to_string()),
        json!(claim.amount.to_string()),
        json!(claim.remaining.to_string()),
        json!(claim.status),
        json!(claim.programme),
        json!(claim.number),
        json!(claim.id),
    ]
}

pub(super) fn list(context: &Context, filter: &Filter, format: Format) -> Result<(), Failed> {
    let store = context.open(false)?;
    let mut list = List::new(format, &COLUMNS)?;
    let listed = store.read(|conn| {
        let listed = list_claims(conn, filter, |uscc, claim| list.add(row(uscc, claim)));
        listed.map_err(Failure::<Never>::from)
    });
    listed.map_err(Failed::new)??;
    list.end()
}
