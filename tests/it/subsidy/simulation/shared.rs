//! What all seeds share: the declarations, and a database with a few merchants that each seed copies.

use super::system::MERCHANTS;
use crate::intake::folder::uscc;
use crate::support::{Engine, SeededRandomness, TestDatabase};
use daishan_credit::embedded::Configuration;
use daishan_credit::kernel::{Id, Instant};
use daishan_credit::merchant::records::NewMerchant;
use daishan_credit::merchant::{self, Merchant};
use daishan_credit::register::Kinds;
use daishan_credit::register::records::Delivery;
use daishan_credit::score::{Cards, records::open_heads};
use daishan_credit::store::error::Never;
use daishan_credit::store::{Failure, StoreError};
use diesel::connection::SimpleConnection;

/// What all seeds share.
pub struct Shared {
    pub kinds: Kinds,
    pub cards: Cards,
    /// The database that each seed copies.
    pub template: TestDatabase,
    /// In the order of their codes.
    pub merchants: Vec<Id<Merchant>>,
}

impl Shared {
    pub fn new(engine: Engine) -> Self {
        let configuration = Configuration::embedded();
        let kinds = configuration.kinds().unwrap();
        let cards = configuration.cards(&kinds).unwrap();
        let (store, template) = engine.store();
        let now = Instant::from_micros(1);
        let randomness = SeededRandomness::default();
        let mut codes: Vec<String> = (1..=MERCHANTS).map(uscc).collect();
        codes.sort();
        let merchants = codes.iter().map(|code| NewMerchant {
            id: Id::new(now, &randomness),
            uscc: code.parse().unwrap(),
            recorded_at: now,
        });
        let merchants: Vec<NewMerchant> = merchants.collect();
        let done = store.write(|conn| {
            let nothing = if conn.is_sqlite() { "x''" } else { "''" };
            conn.batch_execute(&format!(
                "INSERT INTO delivery VALUES ({}, 'roster', 'x', 0, 1, 'x', {nothing}, 'x', {}, 0, 0, NULL)",
                delivery_literal(conn.is_sqlite()),
                if conn.is_sqlite() { "0" } else { "false" },
            ))
            .map_err(StoreError::from)?;
            merchant::records::add(conn, &merchants)?;
            open_heads(conn, merchants.iter().map(|merchant| merchant.id))?;
            Ok::<_, Failure<Never>>(())
        });
        done.unwrap();
        store.settle().unwrap();
        let merchants = merchants.into_iter().map(|merchant| merchant.id).collect();
        Self {
            kinds,
            cards,
            template,
            merchants,
        }
    }
}

fn delivery_literal(sqlite: bool) -> String {
    let digits = "07".repeat(16);
    if sqlite {
        format!("x'{digits}'")
    } else {
        format!("decode('{digits}', 'hex')")
    }
}

pub fn delivery() -> Id<Delivery> {
    Id::from_bytes([7; 16])
}
