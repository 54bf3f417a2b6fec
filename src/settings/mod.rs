//! Settings: `config/default.toml`, then the environment, then the command line; typed, checked once, and everything
//! that is wrong told at once.

pub mod listen;
pub mod source;

pub use listen::Listen;
pub use source::{Fault, Faults, Source};

use crate::embedded::{Configuration, ConfigurationError};
use crate::kernel::Day;
use crate::store::DatabaseUrl;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of the program.
#[derive(Clone, Debug)]
pub struct Settings {
    pub database: Database,
    pub server: Server,
    /// A fixed business date.
    pub business_date: Option<Day>,
    /// The version of the card by which merchants are scored.
    pub scorecard: String,
    /// How long an access token is good for.
    pub token_lifetime: Duration,
    /// The key by which signing keys are sealed.
    pub secret: Option<Secret>,
    /// Where that key lies, or is made, if it is no setting; none on SQLite: beside the database.
    pub key_file: Option<PathBuf>,
    pub limits: Limits,
    pub import: ImportLimits,
    pub log: Log,
}

#[derive(Clone, Debug)]
pub struct Database {
    pub url: DatabaseUrl,
    pub connections: u32,
}

#[derive(Clone, Debug)]
pub struct Server {
    pub listen: Listen,
    /// 0: one for each core.
    pub workers: usize,
    /// The public base URL without a slash at its end; where it is not set, the address listened on.
    pub issuer: Option<String>,
}

/// What a client may take of us.
#[derive(Clone, Debug)]
pub struct Limits {
    pub body_bytes: usize,
    pub head: Duration,
    pub body: Duration,
    pub request: Duration,
    pub drain: Duration,
    pub connections_per_worker: usize,
}

/// What a delivered file may hold.
#[derive(Clone, Debug)]
pub struct ImportLimits {
    pub csv_bytes: u64,
    pub xlsx_bytes: u64,
    pub xlsx_unpacked_bytes: u64,
    pub xlsx_entries: usize,
    pub rows: usize,
    pub xlsx_rows: usize,
    pub columns: usize,
}

#[derive(Clone, Debug)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

impl std::str::FromStr for LogFormat {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => Err(()),
        }
    }
}

/// 32 bytes that nobody may see.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl std::str::FromStr for Secret {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| ())?;
        Ok(Self(bytes.try_into().map_err(|_| ())?))
    }
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error(transparent)]
    Faults(#[from] Faults),
}

impl Settings {
    /// Reads the settings of a configuration, the environment and the command line (key and text of each).
    ///
    /// # Errors
    /// All that is wrong with them, at once.
    pub fn load(
        configuration: &Configuration,
        environment: impl IntoIterator<Item = (String, String)>,
        command_line: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Self, SettingsError> {
        let mut source = Source::default();
        source.add_toml("default.toml", Configuration::default_settings());
        if let Some((path, text)) = configuration.own_settings()? {
            source.add_toml(&path.display().to_string(), &text);
        }
        source.add_environment(environment);
        for (key, text) in command_line {
            source.set(key, "命令行 · command line", text);
        }
        Ok(Self::read(source)?)
    }

    fn read(mut source: Source) -> Result<Self, Faults> {
        let from = &mut source;
        let read = (
            Database::read(from),
            Server::read(from),
            Limits::read(from),
            ImportLimits::read(from),
            Log::read(from),
        );
        let business_date = from.read_optional(
            "business_date",
            "应为 yyyy-MM-dd 或留空 · must be yyyy-MM-dd or empty",
            |_: &Day| true,
        );
        let scorecard = from.read(
            "scorecard",
            "应为评分卡版本 · must be a scorecard's version",
            |text: &String| !text.is_empty(),
        );
        let lifetime = seconds(from, "tokens.lifetime", 300);
        let secret = from.read_optional(
            "keys.secret",
            "应为32字节的Base64（openssl rand -base64 32）· must be 32 bytes in Base64 (openssl rand -base64 32)",
            |_: &Secret| true,
        );
        let key_file = from.read_optional(
            "keys.file",
            "应为文件路径或留空 · must be a file's path or empty",
            |_: &PathBuf| true,
        );
        let faults = source.finish();
        match (read, scorecard, lifetime) {
            (
                (Some(database), Some(server), Some(limits), Some(import), Some(log)),
                Some(scorecard),
                Some(token_lifetime),
            ) if faults.is_empty() => Ok(Self {
                database,
                server,
                business_date,
                scorecard,
                token_lifetime,
                secret,
                key_file,
                limits,
                import,
                log,
            }),
            _ => Err(Faults(faults)),
        }
    }
}

impl Database {
    fn read(from: &mut Source) -> Option<Self> {
        let url = from.read(
            "database.url",
            "应为 sqlite:路径 或 postgres://… · must be sqlite:PATH, postgres://… or postgresql://…",
            |_| true,
        );
        let connections = from.read(
            "database.connections",
            "应为1到512 · must be 1 to 512",
            |count| (1..=512).contains(count),
        );
        Some(Self {
            url: url?,
            connections: connections?,
        })
    }
}

impl Server {
    fn read(from: &mut Source) -> Option<Self> {
        let listen = from.read(
            "server.listen",
            "应为 主机:端口，例如 127.0.0.1:8080 或 localhost:8080 · must be HOST:PORT such as 127.0.0.1:8080 or localhost:8080",
            |_| true,
        );
        let workers = from.read(
            "server.workers",
            "应为0到256 · must be 0 to 256",
            |count| *count <= 256,
        );
        let issuer = from.read_optional(
            "server.issuer",
            "应为不以/结尾的 https://… 或 http://… · must be https://… or http://… without a slash at its end",
            |text: &String| is_base_url(text),
        );
        Some(Self {
            listen: listen?,
            workers: workers?,
            issuer,
        })
    }
}

fn is_base_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let fits = |rest: &str| {
        !rest.is_empty()
            && !rest.ends_with('/')
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !b"?#\"\\@".contains(&byte))
    };
    rest.is_some_and(fits)
}

impl Limits {
    fn read(from: &mut Source) -> Option<Self> {
        let body_bytes = count(from, "limits.body_bytes");
        let head = seconds(from, "limits.head_seconds", 60);
        let body = seconds(from, "limits.body_seconds", 600);
        let request = seconds(from, "limits.request_seconds", 600);
        let drain = seconds(from, "limits.drain_seconds", 600);
        let connections = count(from, "limits.connections_per_worker");
        Some(Self {
            body_bytes: body_bytes?,
            head: head?,
            body: body?,
            request: request?,
            drain: drain?,
            connections_per_worker: connections?,
        })
    }
}

impl ImportLimits {
    fn read(from: &mut Source) -> Option<Self> {
        let csv_bytes = count(from, "import.csv_bytes");
        let xlsx_bytes = count(from, "import.xlsx_bytes");
        let xlsx_unpacked_bytes = count(from, "import.xlsx_unpacked_bytes");
        let xlsx_entries = count(from, "import.xlsx_entries");
        let rows = count(from, "import.rows");
        let xlsx_rows = count(from, "import.xlsx_rows");
        let columns = count(from, "import.columns");
        Some(Self {
            csv_bytes: csv_bytes? as u64,
            xlsx_bytes: xlsx_bytes? as u64,
            xlsx_unpacked_bytes: xlsx_unpacked_bytes? as u64,
            xlsx_entries: xlsx_entries?,
            rows: rows?,
            xlsx_rows: xlsx_rows?,
            columns: columns?,
        })
    }
}

impl Log {
    fn read(from: &mut Source) -> Option<Self> {
        let format = from.read(
            "log.format",
            "应为 json 或 text · must be json or text",
            |_| true,
        );
        let filter = from.read(
            "log.filter",
            "应为日志过滤式，例如 info · must be a log filter such as info",
            |text: &String| text.parse::<tracing_subscriber::EnvFilter>().is_ok(),
        );
        Some(Self {
            format: format?,
            filter: filter?,
        })
    }
}

fn count(from: &mut Source, key: &'static str) -> Option<usize> {
    from.read(
        key,
        "应为正整数 · must be a whole number above 0",
        |count| *count > 0,
    )
}

fn seconds(from: &mut Source, key: &'static str, most: u64) -> Option<Duration> {
    let cure = format!("应为1到{most}的整数秒 · must be 1 to {most} whole seconds");
    from.read(key, &cure, |seconds| (1..=most).contains(seconds))
        .map(Duration::from_secs)
}
