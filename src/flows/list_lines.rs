//! The lines of credit on a day, each beside the tier of its merchant when it was granted and on the day.

use crate::county::records::{Bank, banks};
use crate::credit_line::judge::Yardstick;
use crate::credit_line::records::lines;
use crate::credit_line::{AtGrant, Judged, Line, judge};
use crate::kernel::{Day, Id, Uscc};
use crate::merchant::Merchant;
use crate::product::Products;
use crate::product::records::products;
use crate::register::records::{coverage, histories};
use crate::register::{Coverage, History, Kinds};
use crate::score::give;
use crate::scorecard::{BeforeFirstDay, Scorecard, Tier};
use crate::store::{Conn, Failure};
use std::collections::HashMap;

/// How many merchants' histories are held in memory at a time.
const PAGE: usize = 512;

/// A line as it is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The bank's id; its name where it is no bank of the county.
    pub bank: String,
    pub uscc: Uscc,
    pub judged: Judged,
}

/// The lines of the bank of that id, or of all banks, in the order of the ledgers.
///
/// # Errors
/// Where the day lies before the card's first, or the store fails.
pub fn list_lines(
    conn: &mut Conn,
    kinds: &Kinds,
    card: &Scorecard,
    as_of: Day,
    bank: Option<&str>,
) -> Result<Vec<Listed>, Failure<BeforeFirstDay>> {
    let banks = banks(conn)?;
    let name = match bank {
        None => None,
        Some(id) => match banks.iter().find(|known| known.id == id) {
            Some(known) => Some(known.name.as_str()),
            None => return Ok(Vec::new()),
        },
    };
    let lines = lines(conn, kinds, name, as_of)?;
    let mut merchants: Vec<Id<Merchant>> = lines.iter().map(|line| line.merchant).collect();
    merchants.sort_unstable();
    merchants.dedup();
    let mut listing = Listing {
        card,
        as_of,
        banks,
        products: products(conn)?,
        coverage: coverage(conn, kinds, None)?,
        listed: (0..lines.len()).map(|_| None).collect(),
    };
    let mut of_merchant: HashMap<Id<Merchant>, Vec<(usize, Line)>> = HashMap::new();
    for (place, line) in lines.into_iter().enumerate() {
        let own = of_merchant.entry(line.merchant).or_default();
        own.push((place, line));
    }
    for page in merchants.chunks(PAGE) {
        for (merchant, history) in histories(conn, kinds, page, None)? {
            let own = of_merchant.remove(&merchant).unwrap_or_default();
            listing.add(&history, own).map_err(Failure::Refused)?;
        }
    }
    Ok(listing.listed.into_iter().flatten().collect())
}

struct Listing<'a> {
    card: &'a Scorecard,
    as_of: Day,
    banks: Vec<Bank>,
    products: Products,
    coverage: Coverage,
    /// By the place of the line.
    listed: Vec<Option<Listed>>,
}

impl Listing<'_> {
    /// Adds the lines of one merchant, which are in these places.
    fn add(&mut self, history: &History, lines: Vec<(usize, Line)>) -> Result<(), BeforeFirstDay> {
        let tier_now = self.tier(history, self.as_of)?;
        for (place, line) in lines {
            let granted_on = line.terms.starts_on;
            let bank = self.banks.iter().find(|bank| bank.name == *line.source);
            let product = |day| {
                let products = &self.products;
                bank.and_then(|bank| products.called(&bank.id, &line.terms.product, day))
            };
            let by = Yardstick {
                as_of: self.as_of,
                when_granted: match self.tier(history, granted_on) {
                    Ok(tier) => AtGrant::Reconstructed(tier),
                    Err(_) => AtGrant::NotReconstructable,
                },
                tier_now,
                product_when_granted: product(granted_on),
                product_now: product(self.as_of),
            };
            let listed = Listed {
                bank: bank.map_or_else(|| line.source.to_string(), |bank| bank.id.clone()),
                uscc: history.uscc,
                judged: judge(line, by),
            };
            self.listed[place] = Some(listed);
        }
        Ok(())
    }

    fn tier(&self, history: &History, day: Day) -> Result<Option<Tier>, BeforeFirstDay> {
        let given = give(self.card, history, &self.coverage, day)?;
        Ok(given.and_then(|given| given.assessment.tier))
    }
}
