//! What the database may answer instead of rows, sorted by what can be done about it.

use diesel::result::{DatabaseErrorKind, Error};
use std::path::PathBuf;

/// What the engine itself said.
pub use diesel::result::Error as Cause;

/// A failure of the store. None of them says anything about the act itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction was in the way, or no connection came free in time: try again.
    #[error("数据库繁忙，请稍后重试 · the database is busy, try again later")]
    Busy,
    /// The disk is full.
    #[error("数据库磁盘已满 · the disk of the database is full")]
    Full,
    #[error(
        "找不到数据库文件 {0}；先运行 daishan import 或 daishan serve · there is no database file {0}; daishan import or daishan serve makes one"
    )]
    Missing(PathBuf),
    #[error("无法连接数据库：{0} · cannot connect to the database: {0}")]
    Unreachable(String),
    #[error(
        "SQLite {0} 版本过低，需要3.51.3以上 · SQLite {0} is too old, 3.51.3 or later is needed"
    )]
    SqliteTooOld(String),
    #[error("数据库结构升级失败：{0} · migrating the database failed: {0}")]
    Migration(String),
    #[error("存储的内容无法读取：{0} · a stored content cannot be read: {0}")]
    Content(String),
    #[error("数据库错误：{0} · database error: {0}")]
    Broken(#[source] Error),
    /// An act of ours panicked; the log has the place.
    #[error("程序出错，已回滚 · an act panicked and was rolled back")]
    Panicked,
    #[error("提交队列已满 · the queue of the committer is full")]
    QueueFull,
}

impl StoreError {
    /// Whether the same transaction may pass when it is run again.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }

    /// Whether a client should be told to come back (503) rather than that something is broken (500).
    pub const fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Full | Self::QueueFull | Self::Unreachable(_)
        )
    }
}

impl From<Error> for StoreError {
    /// Only a serialization failure arrives typed; the others are told by the engines' texts (`lc_messages` is C).
    fn from(error: Error) -> Self {
        let Error::DatabaseError(kind, information) = &error else {
            return Self::Broken(error);
        };
        let text = information.message();
        let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        match kind {
            DatabaseErrorKind::SerializationFailure => Self::Busy,
            DatabaseErrorKind::ClosedConnection => Self::Unreachable("connection lost".to_owned()),
            _ if says(&[
                "deadlock detected",
                "lock timeout",
                "could not obtain lock",
                "could not serialize access",
            ]) =>
            {
                Self::Busy
            }
            _ if says(&["database is locked", "database table is locked"]) => Self::Busy,
            _ if says(&[
                "database or disk is full",
                "No space left on device",
                "disk I/O error",
            ]) =>
            {
                Self::Full
            }
            _ if says(&[
                "server closed the connection",
                "terminating connection",
                "no connection to the server",
            ]) =>
            {
                Self::Unreachable("connection lost".to_owned())
            }
            _ => Self::Broken(error),
        }
    }
}

/// Why an act did not happen: a rule refused it, or the store failed.
#[derive(Debug)]
pub enum Failure<R> {
    Refused(R),
    Store(StoreError),
}

impl<R> From<StoreError> for Failure<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<R> From<Error> for Failure<R> {
    fn from(error: Error) -> Self {
        Self::Store(error.into())
    }
}

impl<R: std::fmt::Display> std::fmt::Display for Failure<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl<R: std::error::Error> std::error::Error for Failure<R> {}

/// A refusal where no rule can refuse.
pub type Never = std::convert::Infallible;

impl From<Failure<Never>> for StoreError {
    fn from(failure: Failure<Never>) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Refused(never) => match never {},
        }
    }
}
