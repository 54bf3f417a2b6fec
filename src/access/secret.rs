//! Where the sealing key comes from: the setting `keys.secret`, or without it a file that only its owner may read.

use super::sealing::{SealingError, SealingKey};
use crate::kernel::Randomness;
use crate::store::DatabaseUrl;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where to look when a key has to be sealed or opened.
#[derive(Clone, Debug)]
pub enum SecretSource {
    Setting(SealingKey),
    /// Made when first needed.
    File(PathBuf),
    /// There is neither a setting nor a place for a file.
    Missing,
}

impl SecretSource {
    /// The setting where there is one; else the file named, on SQLite `<database>.key`. A file will not do where
    /// several machines serve one PostgreSQL: the second cannot open what the first has sealed, and says so.
    pub fn new(setting: Option<SealingKey>, file: Option<PathBuf>, database: &DatabaseUrl) -> Self {
        match (setting, file, database) {
            (Some(key), ..) => Self::Setting(key),
            (None, Some(file), _) => Self::File(file),
            (None, None, DatabaseUrl::Sqlite(path)) => {
                let mut name = OsString::from(path);
                name.push(".key");
                Self::File(name.into())
            }
            (None, None, DatabaseUrl::Postgres(_)) => Self::Missing,
        }
    }

    /// The sealing key.
    pub fn key(&self, randomness: &dyn Randomness) -> Result<SealingKey, SealingError> {
        match self {
            Self::Setting(key) => Ok(key.clone()),
            Self::Missing => Err(SealingError::NoSecret),
            Self::File(path) => match read(path)? {
                Some(key) => Ok(key),
                None => make(path, randomness),
            },
        }
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> SealingError {
    let path = path.to_owned();
    move |error| SealingError::File {
        path: path.clone(),
        cause: error.to_string(),
    }
}

fn read(path: &Path) -> Result<Option<SealingKey>, SealingError> {
    match std::fs::metadata(path) {
        Ok(file) if is_exposed(&file) => return Err(SealingError::Exposed(path.to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    }
    let text = std::fs::read_to_string(path).map_err(failed(path))?;
    let key = SealingKey::parse(&text).map_err(|_| SealingError::File {
        path: path.to_owned(),
        cause: "内容不是32字节的base64 · it does not hold 32 bytes in base64".to_owned(),
    })?;
    Ok(Some(key))
}

/// Written whole under another name and linked into place: two processes that start together end with one key, and
/// none ever reads half of it.
fn make(path: &Path, randomness: &dyn Randomness) -> Result<SealingKey, SealingError> {
    let key = SealingKey::generate(randomness);
    let mut suffix = [0; 8];
    randomness.fill(&mut suffix);
    let mut draft = OsString::from(path);
    draft.push(format!(".{:016x}", u64::from_be_bytes(suffix)));
    let draft = PathBuf::from(draft);
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(failed(path))?;
    }
    let written = write_draft(&draft, &key).and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    match written {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| failed(path)(error))
        }
        Err(error) => Err(failed(path)(error)),
    }
}

fn write_draft(path: &Path, key: &SealingKey) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", key.to_base64())?;
    file.sync_all()
}

#[cfg(unix)]
fn is_exposed(file: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::SystemRandomness;

    #[test]
    fn the_file_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
        let source = SecretSource::new(None, None, &url);
        let key = source.key(&SystemRandomness).unwrap();
        assert_eq!(source.key(&SystemRandomness).unwrap(), key);
        let path = folder.path().join("a.db.key");
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(
                source.key(&SystemRandomness),
                Err(SealingError::Exposed(path.clone()))
            );
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        std::fs::write(&path, "nothing").unwrap();
        assert!(matches!(
            source.key(&SystemRandomness),
            Err(SealingError::File { .. })
        ));
    }

    #[test]
    fn postgres_needs_a_setting_or_a_file() {
        let url: DatabaseUrl = "postgres://h/d".parse().unwrap();
        let source = SecretSource::new(None, None, &url);
        assert_eq!(source.key(&SystemRandomness), Err(SealingError::NoSecret));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/daishan.key");
        let source = SecretSource::new(None, Some(file), &url);
        assert_eq!(source.key(&SystemRandomness), source.key(&SystemRandomness));
        assert!(source.key(&SystemRandomness).is_ok());
        let key = SealingKey::generate(&SystemRandomness);
        let source = SecretSource::new(Some(key.clone()), None, &url);
        assert_eq!(source.key(&SystemRandomness), Ok(key));
    }
}
