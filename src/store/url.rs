//! Where the database is: `sqlite:PATH`, `postgres://…` or `postgresql://…`; anything else is refused.

use super::StoreError;
use std::{fmt, path::PathBuf, str::FromStr};

/// The address of a database. Its `Display` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

/// A text that names neither engine.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "数据库地址应为 sqlite:路径 或 postgres://… · the database must be sqlite:PATH, postgres://… or postgresql://…"
)]
pub struct NotADatabase;

impl DatabaseUrl {
    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// How many of this process may write side by side: on SQLite one, on PostgreSQL a second one works while the first
    /// waits for its answers.
    pub(super) const fn writers(&self) -> usize {
        if self.is_sqlite() { 1 } else { 2 }
    }

    pub(super) fn check_presence(&self, create: bool) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(path) if !create && !path.exists() => {
                Err(StoreError::Missing(path.clone()))
            }
            Self::Sqlite(path) if create && !path.exists() => make_private(path),
            _ => Ok(()),
        }
    }
}

/// The registers of a county are in it: a new file is its owner's alone, and so are the files that SQLite lays beside.
fn make_private(path: &std::path::Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path).map(drop);
    opened.map_err(|error| StoreError::Unreachable(format!("{}: {error}", path.display())))
}

impl FromStr for DatabaseUrl {
    type Err = NotADatabase;
    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            // An in-memory database would be another one for each connection.
            None | Some("" | ":memory:") => Err(NotADatabase),
            Some(path) if path.starts_with("//") || path.contains('\0') => Err(NotADatabase),
            Some(path) => Ok(Self::Sqlite(path.into())),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", ""));
                let rest = rest.split('?').next().unwrap_or_default();
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "{scheme}://{host}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> serde::Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_addresses_are_refused_and_no_password_is_shown() {
        for text in [
            "",
            "mysql://h/d",
            "sqlite:",
            "sqlite::memory:",
            "sqlite://x",
            "daishan.db",
            "Postgres://h",
        ] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(NotADatabase), "{text}");
        }
        let url: DatabaseUrl = "postgres://me:secret@db.local/daishan?password=secret"
            .parse()
            .unwrap();
        assert_eq!(
            format!("{url} {url:?}"),
            "postgres://db.local/daishan postgres://db.local/daishan"
        );
    }
}
