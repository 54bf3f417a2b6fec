//! The lines of merchants that are not over.

use crate::county::records::{Bank, banks};
use crate::credit_line::records::{in_ledgers, lines, reported_of};
use crate::credit_line::{Line, Story};
use crate::flows::rescore::Scoring;
use crate::intake::county::Product;
use crate::kernel::{Day, Id, Uscc};
use crate::merchant::Merchant;
use crate::product::records::products;
use crate::register::History;
use crate::store::{Conn, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// A line that may be advised about.
pub struct LiveLine {
    /// The bank's id.
    pub bank: String,
    pub agreement: String,
    pub uscc: Uscc,
    pub starts_on: Day,
    /// As it is today.
    pub product: Option<Product>,
}

/// The lines of these merchants at the county's banks, without those that are over.
pub fn live_lines(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    histories: &[(Id<Merchant>, History)],
) -> Result<Vec<LiveLine>, StoreError> {
    let usccs: Vec<Uscc> = histories.iter().map(|(_, history)| history.uscc).collect();
    let reported = reported_of(conn, &usccs)?;
    let in_ledgers = histories
        .iter()
        .flat_map(|(_, history)| in_ledgers(scoring.kinds, history));
    let in_ledgers: BTreeSet<(&str, &str)> = in_ledgers.collect();
    if reported.is_empty() && in_ledgers.is_empty() {
        return Ok(Vec::new());
    }
    let banks = banks(conn)?;
    let mut wanted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (bank, agreement) in &reported {
        let of_bank = wanted.entry(bank).or_default();
        of_bank.insert(agreement.clone());
    }
    for (name, agreement) in in_ledgers {
        // Of a ledger of nobody that takes part, nobody is advised.
        if let Some(bank) = banks.iter().find(|bank| bank.name == name) {
            let of_bank = wanted.entry(&bank.id).or_default();
            of_bank.insert(agreement.to_owned());
        }
    }
    let mut live = Vec::new();
    for bank in &banks {
        if let Some(agreements) = wanted.remove(&*bank.id) {
            let agreements: Vec<String> = agreements.into_iter().collect();
            live.extend(of_bank(conn, scoring, bank, &agreements)?);
        }
    }
    let known: BTreeSet<Uscc> = usccs.into_iter().collect();
    live.retain(|line| known.contains(&line.uscc));
    Ok(live)
}

fn of_bank(
    conn: &mut Conn,
    scoring: Scoring<'_>,
    bank: &Bank,
    agreements: &[String],
) -> Result<Vec<LiveLine>, StoreError> {
    let products = products(conn)?;
    let lines = lines(conn, scoring.kinds, bank, Some(agreements), scoring.today)?;
    let live = lines
        .into_iter()
        .filter(|line| !Story::of(line, scoring.today).is_over());
    let in_view = |line: Line| LiveLine {
        bank: bank.id.clone(),
        agreement: line.agreement.to_string(),
        uscc: line.uscc,
        starts_on: line.terms.starts_on,
        product: products
            .called(&bank.id, &line.terms.product, scoring.today)
            .cloned(),
    };
    Ok(live.map(in_view).collect())
}
