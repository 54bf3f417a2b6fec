//! Rows of clients, used assertions and signing keys.

use super::assertion::SingleUse;
use super::signing::{PublishedKey, SigningKey};
use super::{Client, PublicKey};
use crate::kernel::{Id, Instant};
use crate::store::Conn;
use crate::store::insert::{Insert, OnConflict, insert, row};
use crate::store::one_of::one_of;
use crate::store::schema::{bank, client, signing_key, used_assertion};
use diesel::prelude::*;
use diesel::result::Error;
use std::collections::HashMap;

type ClientRow = (Id<Client>, String, String, Instant, Option<Instant>);

const CLIENT: (
    client::id,
    client::bank_id,
    client::public_key,
    client::added_at,
    client::disabled_at,
) = (
    client::id,
    client::bank_id,
    client::public_key,
    client::added_at,
    client::disabled_at,
);

/// A stored key passes the same checks as a new one.
fn key(jwk: &str) -> QueryResult<PublicKey> {
    PublicKey::parse(jwk).map_err(|error| Error::DeserializationError(Box::new(error)))
}

fn client_of((id, bank_id, jwk, added_at, disabled_at): ClientRow) -> QueryResult<Client> {
    Ok(Client {
        id,
        bank_id,
        key: key(&jwk)?,
        added_at,
        disabled_at,
    })
}

pub fn client(conn: &mut Conn, id: Id<Client>) -> QueryResult<Option<Client>> {
    let row: Option<ClientRow> = client::table
        .filter(client::id.eq(id))
        .select(CLIENT)
        .first(conn)
        .optional()?;
    row.map(client_of).transpose()
}

pub fn clients(conn: &mut Conn) -> QueryResult<Vec<Client>> {
    let rows: Vec<ClientRow> = client::table.order(client::id).select(CLIENT).load(conn)?;
    rows.into_iter().map(client_of).collect()
}

/// A client that may ask now: its bank, by id and by name.
#[derive(Clone, Debug)]
pub struct LiveClient {
    pub bank: String,
    pub bank_name: String,
}

/// Those of the clients that may ask now, with their banks: one query for a batch.
pub fn live_clients<'a>(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &'a Id<Client>>,
) -> QueryResult<HashMap<Id<Client>, LiveClient>> {
    let rows = client::table
        .inner_join(bank::table.on(bank::id.eq(client::bank_id)))
        .filter(one_of(client::id, ids))
        .filter(client::disabled_at.is_null())
        .select((client::id, bank::id, bank::name))
        .load::<(Id<Client>, String, String)>(conn)?;
    let live = |(id, bank, bank_name)| (id, LiveClient { bank, bank_name });
    Ok(rows.into_iter().map(live).collect())
}

/// The bank of a client that may ask now.
pub fn bank_of_live(conn: &mut Conn, id: Id<Client>) -> QueryResult<Option<String>> {
    client::table
        .filter(client::id.eq(id))
        .filter(client::disabled_at.is_null())
        .select(client::bank_id)
        .first(conn)
        .optional()
}

pub fn add_client(conn: &mut Conn, new: &Client) -> QueryResult<()> {
    diesel::insert_into(client::table)
        .values((
            client::id.eq(new.id),
            client::bank_id.eq(&new.bank_id),
            client::algorithm.eq(new.key.algorithm().as_str()),
            client::public_key.eq(new.key.jwk()),
            client::added_at.eq(new.added_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether there was such a client that was not disabled yet.
pub fn disable_client(conn: &mut Conn, id: Id<Client>, now: Instant) -> QueryResult<bool> {
    let live = client::table
        .filter(client::id.eq(id))
        .filter(client::disabled_at.is_null());
    let count = diesel::update(live)
        .set(client::disabled_at.eq(Some(now)))
        .execute(conn)?;
    Ok(count > 0)
}

/// The banks that take part, by id.
pub fn banks(conn: &mut Conn) -> QueryResult<Vec<String>> {
    bank::table.order(bank::id).select(bank::id).load(conn)
}

struct Used {
    used: SingleUse,
    forget_at: Instant,
}

impl Insert for Used {
    row!(used_assertion, |row| {
        client_id: &row.used.client,
        jti_digest: &row.used.jti,
        expires_at: &row.forget_at,
    });
}

/// Kept longer than the assertion lives, since another instance's clock may be behind the one that purges.
const MARGIN_SECONDS: i64 = 60;

/// Claims the single use of an assertion; false where it was claimed before. On PostgreSQL a second claim waits for
/// the first to be committed.
pub fn claim(conn: &mut Conn, used: SingleUse) -> QueryResult<bool> {
    let forget_at = used.expires_at.plus_seconds(MARGIN_SECONDS);
    Ok(insert(conn, &[Used { used, forget_at }], OnConflict::Keep)? == 1)
}

/// Forgets the assertions that have expired for every clock.
pub fn purge_used(conn: &mut Conn, now: Instant) -> QueryResult<usize> {
    diesel::delete(used_assertion::table.filter(used_assertion::expires_at.lt(now))).execute(conn)
}

/// The key that signs now: the newest that is not retired.
pub fn active_key(conn: &mut Conn) -> QueryResult<Option<(String, Vec<u8>)>> {
    signing_key::table
        .filter(signing_key::retired_at.is_null())
        .order((signing_key::created_at.desc(), signing_key::kid.desc()))
        .select((signing_key::kid, signing_key::sealed))
        .first(conn)
        .optional()
}

pub fn add_key(
    conn: &mut Conn,
    new: &SigningKey,
    sealed: Vec<u8>,
    now: Instant,
) -> QueryResult<()> {
    diesel::insert_into(signing_key::table)
        .values((
            signing_key::kid.eq(new.kid()),
            signing_key::sealed.eq(sealed),
            signing_key::public_jwk.eq(new.public().jwk()),
            signing_key::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Retires all keys in use; nobody needs their private halves any more.
pub fn retire_keys(conn: &mut Conn, now: Instant) -> QueryResult<usize> {
    diesel::update(signing_key::table.filter(signing_key::retired_at.is_null()))
        .set((
            signing_key::retired_at.eq(Some(now)),
            signing_key::sealed.eq(Vec::new()),
        ))
        .execute(conn)
}

/// Every public key, the newest first; whether a retired one still holds is its own to say.
pub fn published_keys(conn: &mut Conn) -> QueryResult<Vec<PublishedKey>> {
    let rows: Vec<(String, Option<Instant>)> = signing_key::table
        .order((signing_key::created_at.desc(), signing_key::kid.desc()))
        .select((signing_key::public_jwk, signing_key::retired_at))
        .load(conn)?;
    rows.into_iter()
        .map(|(jwk, retired_at)| {
            Ok(PublishedKey {
                public: key(&jwk)?,
                retired_at,
            })
        })
        .collect()
}
