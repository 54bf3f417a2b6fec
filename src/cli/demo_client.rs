//! The demo's client: a key pair whose private half goes into a file, and nothing of anybody else's is lost by it.

use super::Failed;
use crate::access::{Client, ClientPair};
use crate::app::App;
use crate::flows::manage_clients::register_client;
use crate::kernel::Id;
use crate::store::DatabaseUrl;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name where none is asked for.
const NAME: &str = "demo-client.pem";

/// Where the private key goes, and the client's id beside it. Neither is there yet.
pub struct ClientFiles {
    key: PathBuf,
    id: PathBuf,
}

impl ClientFiles {
    /// The files asked for; else those beside the database, where those that an earlier demo left are taken away.
    ///
    /// # Errors
    /// Where one is there that no demo has left.
    pub fn of(asked: Option<&Path>, database: &DatabaseUrl) -> Result<Self, Failed> {
        let key = match (asked, database) {
            (Some(file), _) => file.to_owned(),
            (None, DatabaseUrl::Sqlite(path)) => path.with_file_name(NAME),
            (None, DatabaseUrl::Postgres(_)) => PathBuf::from(NAME),
        };
        let id = key.with_extension("id");
        if id == key {
            return Err(Failed::usage(
                "--client-key 的文件名不能以 .id 结尾，那是编号文件 · --client-key must not end in .id, where the client's id \
                 goes",
            ));
        }
        let files = Self { key, id };
        if asked.is_none() && files.are_of_a_demo() {
            std::fs::remove_file(&files.key)?;
            std::fs::remove_file(&files.id)?;
        }
        files.refuse_what_is_there()?;
        Ok(files)
    }

    /// Only a demo writes a client's id beside a key of that name.
    fn are_of_a_demo(&self) -> bool {
        let id = std::fs::read_to_string(&self.id).unwrap_or_default();
        self.key.is_file() && id.trim().parse::<Id<Client>>().is_ok()
    }

    fn refuse_what_is_there(&self) -> Result<(), Failed> {
        // A link that leads nowhere is there too.
        let is_there = |file: &&PathBuf| file.symlink_metadata().is_ok();
        let Some(file) = [&self.key, &self.id].into_iter().find(is_there) else {
            return Ok(());
        };
        let file = file.display();
        Err(Failed::new(format!(
            "{file} 已存在，不覆盖；移走它，或以 --client-key 另写一个文件 · {file} exists and is not overwritten; move it \
             away, or name another file by --client-key"
        )))
    }
}

/// The demo's client of the county's first bank.
pub struct DemoClient {
    id: Id<Client>,
    bank: String,
    files: ClientFiles,
}

impl DemoClient {
    /// Writes a new private key to a file that only its owner reads, registers the client, and writes its id beside
    /// the key. A key that was not registered does not stay.
    ///
    /// # Errors
    /// Where a file cannot be written or is there by now, or the client cannot be registered.
    pub fn create(app: &App, bank: &str, files: ClientFiles) -> Result<Self, Failed> {
        let pair = ClientPair::generate().map_err(Failed::new)?;
        write_private(&files.key, &pair.private_pem())?;
        let (clock, randomness) = (&*app.clock, &*app.randomness);
        let client = register_client(&app.store, clock, randomness, bank, &pair.public);
        let client = client.inspect_err(|_| drop(std::fs::remove_file(&files.key)));
        let id = client.map_err(Failed::new)?.id;
        write_private(&files.id, &format!("{id}\n"))?;
        let bank = bank.to_owned();
        Ok(Self { id, bank, files })
    }

    /// Tells who it is and where its files are.
    pub fn say(&self) {
        eprintln!(
            "银行 {} 的演示客户端 · demo client of {}: {}",
            self.bank, self.bank, self.id
        );
        eprintln!("  私钥 private key  {}", self.files.key.display());
        eprintln!("  编号 client id    {}", self.files.id.display());
    }
}

/// Makes a file that only its owner reads.
fn write_private(path: &Path, text: &str) -> Result<(), Failed> {
    let mut new = std::fs::OpenOptions::new();
    let opened = new.write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let path = path.display();
        Failed::new(format!(
            "无法写入 {path}：{error} · cannot write {path}: {error}"
        ))
    })
}
