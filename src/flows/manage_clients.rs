//! A bank's client is registered with its public key, and disabled for good.

use crate::access::{Client, PublicKey, records};
use crate::kernel::{Clock, Id, Randomness};
use crate::store::{Failure, Store};

/// Why a client was not registered or disabled.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClientRefusal {
    #[error(
        "没有编号为“{id}”的银行；已有：{known} · there is no bank with the id {id:?}; there are: {known}",
        known = list(known)
    )]
    UnknownBank { id: String, known: Vec<String> },
    #[error(
        "没有客户端 {0}；daishan client list 列出全部 · there is no client {0}; daishan client list shows all"
    )]
    UnknownClient(Id<Client>),
}

/// The banks there are, for whoever named another.
pub(super) fn list(known: &[String]) -> String {
    if known.is_empty() {
        "（无：先导入县文件夹 · none: import a county folder first）".to_owned()
    } else {
        known.join(", ")
    }
}

/// Registers a client of this bank.
pub fn register_client(
    store: &Store,
    clock: &dyn Clock,
    randomness: &dyn Randomness,
    bank_id: &str,
    key: &PublicKey,
) -> Result<Client, Failure<ClientRefusal>> {
    let now = clock.now();
    let client = Client {
        id: Id::new(now, randomness),
        bank_id: bank_id.to_owned(),
        key: key.clone(),
        added_at: now,
        disabled_at: None,
    };
    store.write(|conn| {
        let known = records::banks(conn)?;
        if !known.iter().any(|bank| bank == bank_id) {
            let id = bank_id.to_owned();
            return Err(Failure::Refused(ClientRefusal::UnknownBank { id, known }));
        }
        Ok(records::add_client(conn, &client)?)
    })?;
    Ok(client)
}

/// Disables a client: its tokens stop at once, everywhere. Whether it was in use before.
pub fn disable_client(
    store: &Store,
    clock: &dyn Clock,
    id: Id<Client>,
) -> Result<bool, Failure<ClientRefusal>> {
    let now = clock.now();
    store.write(|conn| {
        if records::disable_client(conn, id, now)? {
            return Ok(true);
        }
        match records::client(conn, id)? {
            Some(_) => Ok(false),
            None => Err(Failure::Refused(ClientRefusal::UnknownClient(id))),
        }
    })
}
