//! What comes with the program: settings, declarations of registers, scorecards and the sample counties.
//!
//! All of `config/` is compiled in, so that the binary works from any directory; a directory of one's own overrides it
//! file by file.

use crate::kernel::WorkingDays;
use crate::kernel::working_days::CalendarFault;
use crate::register::{Kinds, kind::KindFault};
use crate::score::Cards;
use crate::scorecard::CardFault;
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config");

/// The files of the configuration: those compiled in, and those that override them.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    directory: Option<PathBuf>,
}

/// A configuration that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    #[error("没有配置目录 {0} · there is no configuration directory {0}")]
    NoDirectory(PathBuf),
    #[error("无法读取 {path}：{cause} · cannot read {path}: {cause}")]
    Unreadable { path: PathBuf, cause: io::Error },
    #[error("工作日历 working-days.csv 有误：{0} · the calendar working-days.csv is wrong: {0}")]
    WorkingDays(#[from] CalendarFault),
    #[error("评分卡有误 · scorecards are wrong:\n{}", card_lines(.0))]
    Cards(Vec<CardFault>),
    #[error("名册种类声明有误 · declarations of registers are wrong:\n{}", lines(.0))]
    Kinds(Vec<KindFault>),
}

fn lines(faults: &[KindFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    lines.join("\n")
}

fn card_lines(faults: &[CardFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    lines.join("\n")
}

impl Configuration {
    /// Takes the directory named, else `config/` of the working directory where there is one.
    ///
    /// # Errors
    /// Where the directory named does not exist.
    pub fn locate(directory: Option<&Path>) -> Result<Self, ConfigurationError> {
        let directory = match directory {
            Some(named) if !named.is_dir() => {
                return Err(ConfigurationError::NoDirectory(named.to_owned()));
            }
            Some(named) => Some(named.to_owned()),
            None => Some(PathBuf::from("config")).filter(|usual| usual.is_dir()),
        };
        Ok(Self { directory })
    }

    /// Only what is compiled in.
    pub const fn embedded() -> Self {
        Self { directory: None }
    }

    /// The directory that overrides what is compiled in.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// The declarations of all registers.
    pub fn kinds(&self) -> Result<Kinds, ConfigurationError> {
        let files = self.texts("kinds")?;
        Kinds::parse(
            files
                .iter()
                .map(|(name, text)| (name.as_str(), text.as_str())),
        )
        .map_err(ConfigurationError::Kinds)
    }

    /// The scorecards, compiled.
    pub fn cards(&self, kinds: &Kinds) -> Result<Cards, ConfigurationError> {
        let files = self.scorecard_texts()?;
        let files = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        Cards::parse(files, kinds).map_err(ConfigurationError::Cards)
    }

    /// The scorecards: file name and text of each, by name.
    pub fn scorecard_texts(&self) -> Result<BTreeMap<String, String>, ConfigurationError> {
        self.texts("scorecards")
    }

    /// The default settings as they are compiled in.
    pub fn default_settings() -> &'static str {
        EMBEDDED
            .get_file("default.toml")
            .and_then(|file| file.contents_utf8())
            .unwrap_or_default()
    }

    /// The settings file of the directory: its path and text.
    pub fn own_settings(&self) -> Result<Option<(PathBuf, String)>, ConfigurationError> {
        self.own_file("default.toml")
    }

    /// The calendar of working days.
    pub fn working_days(&self) -> Result<WorkingDays, ConfigurationError> {
        let name = "working-days.csv";
        let embedded = EMBEDDED
            .get_file(name)
            .and_then(|file| file.contents_utf8());
        let own = self.own_file(name)?;
        let text = own.as_ref().map(|(_, text)| text.as_str());
        Ok(WorkingDays::parse(text.or(embedded).unwrap_or_default())?)
    }

    /// A file of the directory, where it is there: its path and text.
    fn own_file(&self, name: &str) -> Result<Option<(PathBuf, String)>, ConfigurationError> {
        let path = self.directory().map(|own| own.join(name));
        let Some(path) = path.filter(|path| path.is_file()) else {
            return Ok(None);
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some((path, text))),
            Err(cause) => Err(ConfigurationError::Unreadable { path, cause }),
        }
    }

    /// The files of a county of the sample that is compiled in (`daishan`, `daishan-2026-01`): name and content of
    /// each, by name; empty where there is no such county.
    pub fn sample_files(county: &str) -> BTreeMap<String, Cow<'static, [u8]>> {
        let files = EMBEDDED
            .get_dir(Path::new("sample").join(county))
            .into_iter()
            .flat_map(Dir::files);
        files
            .filter_map(|file| Some((name_of(file.path())?, Cow::Borrowed(file.contents()))))
            .collect()
    }

    /// The `.toml` files of one folder.
    fn texts(&self, folder: &str) -> Result<BTreeMap<String, String>, ConfigurationError> {
        let embedded = EMBEDDED.get_dir(folder).into_iter().flat_map(Dir::files);
        let mut texts: BTreeMap<String, String> = embedded
            .filter_map(|file| Some((name_of(file.path())?, file.contents_utf8()?.to_owned())))
            .collect();
        let own = self.directory().map(|own| own.join(folder));
        if let Some(own) = own.filter(|own| own.is_dir()) {
            let unreadable = |path: &Path| {
                let path = path.to_owned();
                move |cause| ConfigurationError::Unreadable { path, cause }
            };
            for entry in std::fs::read_dir(&own).map_err(unreadable(&own))? {
                let path = entry.map_err(unreadable(&own))?.path();
                if let Some(name) = name_of(&path) {
                    let text = std::fs::read_to_string(&path).map_err(unreadable(&path));
                    if name.ends_with(".toml") {
                        texts.insert(name, text?);
                    }
                }
            }
        }
        texts.retain(|name, _| name.ends_with(".toml"));
        Ok(texts)
    }
}

fn name_of(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_can_be_read() {
        let configuration = Configuration::embedded();
        assert!(configuration.kinds().unwrap().len() > 10);
        let sample = Configuration::sample_files("daishan");
        assert!(sample.contains_key("county.toml"));
        assert!(Configuration::sample_files("nowhere").is_empty());
    }

    #[test]
    fn a_file_of_one_s_own_overrides_the_one_of_the_same_name() {
        let own = tempfile::tempdir().unwrap();
        std::fs::create_dir(own.path().join("kinds")).unwrap();
        std::fs::write(own.path().join("kinds/awards.toml"), "broken").unwrap();
        let configuration = Configuration::locate(Some(own.path())).unwrap();
        let Err(ConfigurationError::Kinds(faults)) = configuration.kinds() else {
            panic!("the broken declaration was not read");
        };
        assert_eq!(faults[0].file, "awards.toml");
        assert!(Configuration::locate(Some(&own.path().join("none"))).is_err());
    }

    #[test]
    fn a_calendar_of_one_s_own_takes_the_place_of_the_one_compiled_in() {
        let own = tempfile::tempdir().unwrap();
        let configuration = Configuration::locate(Some(own.path())).unwrap();
        assert_eq!(
            configuration.working_days().unwrap().last_year(),
            Some(2026)
        );
        let calendar = "date,kind\n2027-01-01,holiday\n";
        std::fs::write(own.path().join("working-days.csv"), calendar).unwrap();
        let own = configuration.working_days().unwrap();
        assert_eq!(own.last_year(), Some(2027));
    }
}
