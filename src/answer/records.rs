//! Rows of queries and of the bodies that answers share. Both are append-only.

use super::{Answer, Outcome};
use crate::authorisation::Purpose;
use crate::kernel::{Day, Digest, Id, Instant, Uscc};
use crate::merchant::Merchant;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::{
    Conn, StoreError,
    schema::{answer_body, bank_query},
};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// One query about one merchant, answered or refused.
#[derive(Clone, Debug)]
pub struct NewQuery<'a> {
    pub bank: &'a str,
    pub id: Id<Answer>,
    pub client: &'a [u8],
    pub asked_at: Instant,
    pub uscc: Uscc,
    pub purpose: &'static str,
    pub requested_by: &'a str,
    pub business_ref: &'a str,
    pub outcome: Outcome,
    pub merchant: Option<Id<Merchant>>,
    /// The key of the authorisation that let the bank be told.
    pub authorisation: Option<String>,
    pub as_of: Day,
    pub valid_until: Option<Day>,
    pub body_digest: Option<Digest>,
    /// SHA-256 of the bytes that the bank was sent.
    pub digest: Digest,
}

impl Insert for NewQuery<'_> {
    row!(bank_query, |row| {
        bank_id: row.bank,
        id: &row.id,
        client_id: row.client,
        asked_at: &row.asked_at,
        uscc: &row.uscc,
        purpose: row.purpose,
        requested_by: row.requested_by,
        business_ref: row.business_ref,
        outcome: row.outcome.as_str(),
        merchant_id: &row.merchant,
        authorisation: &row.authorisation,
        as_of: &row.as_of,
        valid_until: &row.valid_until,
        body_digest: &row.body_digest,
        digest: &row.digest,
    });
}

pub fn log(conn: &mut Conn, queries: &[NewQuery<'_>]) -> QueryResult<usize> {
    insert(conn, queries, OnConflict::Fail)
}

/// The body of answers about one score.
pub struct NewBody<'a> {
    pub merchant: Id<Merchant>,
    pub digest: Digest,
    pub body: &'a str,
}

impl Insert for NewBody<'_> {
    row!(answer_body, |row| {
        merchant_id: &row.merchant,
        digest: &row.digest,
        body: row.body,
    });
}

/// Which of these bodies are kept already.
pub fn kept(conn: &mut Conn, bodies: &[(Id<Merchant>, Digest)]) -> QueryResult<HashSet<Digest>> {
    let merchants = bodies.iter().map(|(merchant, _)| merchant);
    let digests = bodies.iter().map(|(_, digest)| digest);
    let rows = answer_body::table
        .filter(one_of(answer_body::merchant_id, merchants))
        .filter(one_of(answer_body::digest, digests))
        .select(answer_body::digest)
        .load::<Digest>(conn)?;
    Ok(rows.into_iter().collect())
}

pub fn keep(conn: &mut Conn, bodies: &[NewBody<'_>]) -> QueryResult<usize> {
    insert(conn, bodies, OnConflict::Keep)
}

/// A query as it was logged, with the body of its answer.
#[derive(Clone, Debug)]
pub struct Logged {
    pub id: Id<Answer>,
    pub asked_at: Instant,
    pub uscc: Uscc,
    pub purpose: String,
    pub requested_by: String,
    pub business_ref: String,
    pub merchant: Option<Id<Merchant>>,
    pub authorisation: Option<String>,
    pub as_of: Day,
    pub valid_until: Option<Day>,
    pub digest: Option<Digest>,
    pub body: Option<String>,
}

/// The answer of that id that this bank was given.
pub fn logged(conn: &mut Conn, bank: &str, id: Id<Answer>) -> QueryResult<Option<Logged>> {
    type Row = (
        (Instant, Uscc, String, String, String),
        (
            Option<Id<Merchant>>,
            Option<String>,
            Day,
            Option<Day>,
            Option<Digest>,
        ),
        Option<String>,
    );
    let row = bank_query::table
        .left_join(
            answer_body::table.on(answer_body::merchant_id
                .nullable()
                .eq(bank_query::merchant_id)
                .and(answer_body::digest.nullable().eq(bank_query::body_digest))),
        )
        .filter(bank_query::bank_id.eq(bank).and(bank_query::id.eq(id)))
        .select((
            (
                bank_query::asked_at,
                bank_query::uscc,
                bank_query::purpose,
                bank_query::requested_by,
                bank_query::business_ref,
            ),
            (
                bank_query::merchant_id,
                bank_query::authorisation,
                bank_query::as_of,
                bank_query::valid_until,
                bank_query::digest,
            ),
            answer_body::body.nullable(),
        ))
        .first::<Row>(conn)
        .optional()?;
    Ok(row.map(|(a, b, body)| Logged {
        id,
        asked_at: a.0,
        uscc: a.1,
        purpose: a.2,
        requested_by: a.3,
        business_ref: a.4,
        merchant: b.0,
        authorisation: b.1,
        as_of: b.2,
        valid_until: b.3,
        digest: b.4,
        body,
    }))
}

/// An answer that told a bank of a merchant.
#[derive(Clone, Debug)]
pub struct ToldAnswer {
    pub uscc: Uscc,
    purpose: String,
    as_of: Day,
    body: String,
}

/// Those of the answers of these ids that told this bank something.
pub fn told_answers<'a>(
    conn: &mut Conn,
    bank: &str,
    ids: impl IntoIterator<Item = &'a Id<Answer>>,
) -> QueryResult<HashMap<Id<Answer>, ToldAnswer>> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(HashMap::new());
    }
    let rows = bank_query::table
        .inner_join(
            answer_body::table.on(answer_body::merchant_id
                .nullable()
                .eq(bank_query::merchant_id)
                .and(answer_body::digest.nullable().eq(bank_query::body_digest))),
        )
        .filter(
            bank_query::bank_id
                .eq(bank)
                .and(one_of(bank_query::id, ids)),
        )
        .select((
            bank_query::id,
            bank_query::uscc,
            bank_query::purpose,
            bank_query::as_of,
            answer_body::body,
        ))
        .load::<(Id<Answer>, Uscc, String, Day, String)>(conn)?;
    let told = |(id, uscc, purpose, as_of, body)| {
        let told = ToldAnswer {
            uscc,
            purpose,
            as_of,
            body,
        };
        (id, told)
    };
    Ok(rows.into_iter().map(told).collect())
}

impl ToldAnswer {
    /// The tier that was told, by its name, where a grant of that day to that merchant may rest on the answer; the outer
    /// none: it may not. It is one to a question before lending (贷前审查), of no later day (ours).
    ///
    /// # Errors
    /// Where the stored body cannot be read.
    pub fn tier(&self, uscc: Uscc, by: Day) -> Result<Option<Option<String>>, StoreError> {
        #[derive(serde::Deserialize)]
        struct Told {
            tier: Option<String>,
        }
        let purpose = Purpose::PreLoanReview.as_str();
        if self.uscc != uscc || self.purpose != purpose || self.as_of > by {
            return Ok(None);
        }
        let told: Told = serde_json::from_str(&self.body)
            .map_err(|error| StoreError::Content(format!("the body of an answer: {error}")))?;
        Ok(Some(told.tier))
    }
}

/// A line of the query log, as the bureau and later the merchant see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LogLine {
    pub id: Id<Answer>,
    pub time: Instant,
    pub bank: String,
    pub uscc: Uscc,
    pub purpose: String,
    pub requested_by: String,
    pub business_ref: String,
    pub outcome: String,
    pub digest: Option<Digest>,
}

/// A page of the query log in the order of bank and id, after the line given.
pub fn page(
    conn: &mut Conn,
    bank: Option<&str>,
    after: Option<(&str, Id<Answer>)>,
    size: i64,
) -> QueryResult<Vec<LogLine>> {
    let mut rows = bank_query::table
        .order((bank_query::bank_id, bank_query::id))
        .limit(size)
        .select((
            (
                bank_query::id,
                bank_query::asked_at,
                bank_query::bank_id,
                bank_query::uscc,
            ),
            (
                bank_query::purpose,
                bank_query::requested_by,
                bank_query::business_ref,
            ),
            (bank_query::outcome, bank_query::digest),
        ))
        .into_boxed();
    if let Some(bank) = bank {
        rows = rows.filter(bank_query::bank_id.eq(bank));
    }
    if let Some((bank, id)) = after {
        let later = bank_query::bank_id
            .gt(bank)
            .or(bank_query::bank_id.eq(bank).and(bank_query::id.gt(id)));
        rows = rows.filter(later);
    }
    type Row = (
        (Id<Answer>, Instant, String, Uscc),
        (String, String, String),
        (String, Option<Digest>),
    );
    let rows = rows.load::<Row>(conn)?;
    let line = |(a, b, c): Row| LogLine {
        id: a.0,
        time: a.1,
        bank: a.2,
        uscc: a.3,
        purpose: b.0,
        requested_by: b.1,
        business_ref: b.2,
        outcome: c.0,
        digest: c.1,
    };
    Ok(rows.into_iter().map(line).collect())
}
