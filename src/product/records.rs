//! Rows of products and of loan prime rates. Nothing is written that says what holds already.

use super::{Dated, LoanPrimeRates, Products};
use crate::intake::county::{LoanPrimeRate, Product};
use crate::kernel::id::Named;
use crate::kernel::{Day, Id, Instant, Randomness};
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::schema::{loan_prime_rate, product};
use crate::store::{Conn, StoreError};
use diesel::prelude::*;

/// One record of a product or a rate.
pub struct Record;

impl Named for Record {
    const PREFIX: &'static str = "prd";
}

struct ProductRow<'a> {
    id: Id<Record>,
    product: &'a Product,
    from: Day,
    content: String,
    recorded_at: Instant,
    client: Option<&'a [u8]>,
    person: Option<&'a str>,
}

/// Who tells of a product over the bank's door.
#[derive(Clone, Debug)]
pub struct Declarer {
    pub client: Vec<u8>,
    /// The bank's own id of the person.
    pub person: String,
}

impl Insert for ProductRow<'_> {
    row!(product, |row| {
        id: &row.id,
        bank_id: &row.product.bank,
        product_id: &row.product.id,
        in_force_from: &row.from,
        content: &row.content,
        recorded_at: &row.recorded_at,
        client_id: &row.client,
        reported_by: &row.person,
    });
}

struct RateRow<'a> {
    id: Id<Record>,
    rate: &'a LoanPrimeRate,
    basis_points: i32,
    from: Day,
    recorded_at: Instant,
}

impl Insert for RateRow<'_> {
    row!(loan_prime_rate, |row| {
        id: &row.id,
        term: &row.rate.term,
        published_on: &row.rate.published_on,
        basis_points: &row.basis_points,
        in_force_from: &row.from,
        recorded_at: &row.recorded_at,
    });
}

/// Records products that hold from a day on; how many of them say something new. The time of recording and the
/// randomness are for the ids.
pub fn keep(
    conn: &mut Conn,
    said: &[Product],
    from: Day,
    by: Option<&Declarer>,
    (recorded_at, randomness): (Instant, &dyn Randomness),
) -> Result<usize, StoreError> {
    let known = products(conn)?;
    let mut rows = Vec::new();
    for product in said {
        if known.say_already(product, from) {
            continue;
        }
        let content = serde_json::to_string(product)
            .map_err(|error| StoreError::Content(error.to_string()))?;
        let id = Id::new(recorded_at, randomness);
        rows.push(ProductRow {
            id,
            product,
            from,
            content,
            recorded_at,
            client: by.map(|by| &*by.client),
            person: by.map(|by| &*by.person),
        });
    }
    insert(conn, &rows, OnConflict::Fail)?;
    Ok(rows.len())
}

/// Records loan prime rates that are known from a day on.
pub fn keep_rates(
    conn: &mut Conn,
    said: &[LoanPrimeRate],
    from: Day,
    (recorded_at, randomness): (Instant, &dyn Randomness),
) -> Result<(), StoreError> {
    let known = loan_prime_rates(conn)?;
    let is_new = |rate: &&LoanPrimeRate| {
        known.of(&rate.term, rate.published_on, from) != Some(rate.basis_points)
    };
    let row = |rate| RateRow {
        id: Id::new(recorded_at, randomness),
        rate,
        basis_points: i32::try_from(rate.basis_points).unwrap_or(i32::MAX),
        from,
        recorded_at,
    };
    let rows: Vec<RateRow<'_>> = said.iter().filter(is_new).map(row).collect();
    Ok(insert(conn, &rows, OnConflict::Fail).map(drop)?)
}

/// All products that were ever recorded.
pub fn products(conn: &mut Conn) -> Result<Products, StoreError> {
    let rows = product::table
        .order((product::recorded_at, product::id))
        .select((product::in_force_from, product::content))
        .load::<(Day, String)>(conn)?;
    let mut products = Products::default();
    for (from, content) in rows {
        let record = serde_json::from_str(&content)
            .map_err(|error| StoreError::Content(format!("product: {error}")))?;
        products.add(Dated { from, record });
    }
    Ok(products)
}

/// All loan prime rates that were ever recorded.
pub fn loan_prime_rates(conn: &mut Conn) -> Result<LoanPrimeRates, StoreError> {
    let rows = loan_prime_rate::table
        .order((loan_prime_rate::recorded_at, loan_prime_rate::id))
        .select((
            loan_prime_rate::term,
            loan_prime_rate::published_on,
            loan_prime_rate::in_force_from,
            loan_prime_rate::basis_points,
        ))
        .load::<(String, Day, Day, i32)>(conn)?;
    let mut rates = LoanPrimeRates::default();
    for (term, published_on, from, basis_points) in rows {
        let record = u32::try_from(basis_points).unwrap_or(0);
        rates.add(term, published_on, Dated { from, record });
    }
    Ok(rates)
}
