//! `daishan client`: the programs of banks that may ask.

use super::{Context, Failed, print};
use crate::access::{Client as Registered, PublicKey, records};
use crate::flows::manage_clients::{disable_client, register_client};
use crate::kernel::{Id, SystemClock, SystemRandomness};
use crate::store::{Failure, error::Never};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// 银行的客户端：登记、停用、列出 · The clients of banks: add, disable, list
#[derive(Args)]
pub struct Client {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 登记客户端，输出其编号 · Register a client with its public key; prints the client id
    Add {
        /// 银行编号 · The id of the bank
        #[arg(long, value_name = "ID")]
        bank: String,
        /// 公钥：JWK或PEM · The public key, a JWK or a PEM file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// 停用客户端，其令牌立即失效 · Disable a client; its tokens stop at once
    Disable {
        /// 客户端编号 · The client id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// 列出全部客户端 · List all clients
    List,
}

impl Client {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        match self.act {
            Act::Add { bank, key } => add(context, &bank, &key),
            Act::Disable { id } => disable(context, &id),
            Act::List => list(context),
        }
    }
}

/// A public key is a few hundred bytes; anything much longer is another file.
const LONGEST: u64 = 64 * 1024;

fn read_key(path: &Path) -> Result<PublicKey, Failed> {
    let failed = |cause: &dyn std::fmt::Display| {
        let path = path.display();
        Failed::new(format!(
            "公钥文件 {path}：{cause} · public key {path}: {cause}"
        ))
    };
    let size = std::fs::metadata(path)
        .map_err(|error| failed(&error))?
        .len();
    if size > LONGEST {
        return Err(failed(&"过大 · too large"));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(&error))?;
    let told = |cause: &dyn std::fmt::Display| Failed::new(format!("{}：{cause}", path.display()));
    let text =
        std::str::from_utf8(&bytes).map_err(|_| told(&crate::access::NotAKey::Unreadable))?;
    PublicKey::parse(text).map_err(|error| told(&error))
}

fn add(context: &Context, bank: &str, key: &Path) -> Result<(), Failed> {
    let key = read_key(key)?;
    let store = context.open(false)?;
    let client = register_client(&store, &SystemClock, &SystemRandomness, bank, &key)?;
    let algorithm = key.algorithm().as_str();
    eprintln!(
        "已为银行 {bank} 登记 {algorithm} 客户端 · registered a client of {bank} that signs with {algorithm}"
    );
    print(&format!("{}\n", client.id))
}

fn disable(context: &Context, id: &str) -> Result<(), Failed> {
    let id: Id<Registered> = id
        .parse()
        .map_err(|error| Failed::usage(format!("{id}：{error}")))?;
    let store = context.open(false)?;
    if disable_client(&store, &SystemClock, id)? {
        eprintln!("已停用 · disabled: {id}");
    } else {
        eprintln!("此前已停用 · was disabled before: {id}");
    }
    Ok(())
}

/// One line a client: id, bank, algorithm, thumbprint of its key, since when, and since when not.
fn list(context: &Context) -> Result<(), Failed> {
    let store = context.open(false)?;
    let clients = store.read(|conn| Ok::<_, Failure<Never>>(records::clients(conn)?))?;
    let mut text = String::from("id\tbank\talgorithm\tthumbprint\tadded_at\tdisabled_at\n");
    for client in clients {
        let disabled = client
            .disabled_at
            .map_or(String::new(), |at| at.to_rfc3339());
        text += &format!(
            "{}\t{}\t{}\t{}\t{}\t{disabled}\n",
            client.id,
            client.bank_id,
            client.key.algorithm().as_str(),
            client.key.thumbprint(),
            client.added_at
        );
    }
    print(&text)
}
