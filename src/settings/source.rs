//! Where settings come from, and the telling of all that is wrong with them at once.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// One setting as it was written, and where.
#[derive(Clone, Debug)]
struct Entry {
    text: String,
    origin: String,
}

/// Settings as they were written, the later source over the earlier one.
#[derive(Clone, Debug, Default)]
pub struct Source {
    entries: BTreeMap<String, Entry>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

/// What is wrong with one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub key: String,
    /// The file or the variable that says it.
    pub origin: String,
    /// What is wrong and what would be right, in Chinese and English.
    pub cure: String,
}

/// All that is wrong with the settings.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "设置有{}处错误 · the settings have {} error(s):",
            self.0.len(),
            self.0.len()
        )?;
        self.0.iter().try_for_each(|fault| {
            write!(f, "\n  {}（{}）：{}", fault.key, fault.origin, fault.cure)
        })
    }
}

impl Source {
    /// Reads a TOML file.
    pub fn add_toml(&mut self, origin: &str, text: &str) {
        match toml::from_str::<toml::Table>(text) {
            Ok(table) => self.add_table(origin, "", &table),
            Err(error) => self.fault(
                "",
                origin,
                format!("不是TOML · not TOML: {}", error.message()),
            ),
        }
    }

    fn add_table(&mut self, origin: &str, prefix: &str, table: &toml::Table) {
        for (key, value) in table {
            let key = format!("{prefix}{key}");
            match value {
                toml::Value::Table(inner) => self.add_table(origin, &format!("{key}."), inner),
                toml::Value::String(text) => self.set(&key, origin, text.clone()),
                toml::Value::Array(_) => {
                    self.fault(&key, origin, "不能是数组 · must not be an array".to_owned());
                }
                other => self.set(&key, origin, other.to_string()),
            }
        }
    }

    /// Takes the variables that begin with `DAISHAN_`; `__` stands between levels.
    pub fn add_environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        for (name, text) in variables {
            if let Some(rest) = name.strip_prefix("DAISHAN_") {
                let key = rest.to_ascii_lowercase().replace("__", ".");
                self.set(&key, &name, text);
            }
        }
    }

    /// Takes one setting of the command line.
    pub fn set(&mut self, key: &str, origin: &str, text: String) {
        let origin = origin.to_owned();
        self.entries.insert(key.to_owned(), Entry { text, origin });
    }

    /// The setting, read; where it cannot be, the default of its type for now, and a fault in the end.
    pub fn read<T: FromStr>(
        &mut self,
        key: &'static str,
        cure: &str,
        holds: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let entry = self.take(key)?;
        match entry.text.trim().parse() {
            Ok(value) if holds(&value) => Some(value),
            _ => {
                self.fault(key, &entry.origin, cure.to_owned());
                None
            }
        }
    }

    /// Like [`Self::read`], for a setting that may be empty.
    pub fn read_optional<T: FromStr>(
        &mut self,
        key: &'static str,
        cure: &str,
        holds: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let blank = |entry: &Entry| entry.text.trim().is_empty();
        if self.entries.get(key).is_some_and(blank) {
            self.take(key);
            return None;
        }
        self.read(key, cure, holds)
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let entry = self.entries.remove(key);
        if entry.is_none() {
            self.fault(key, "default.toml", "缺失 · is missing".to_owned());
        }
        entry
    }

    fn fault(&mut self, key: &str, origin: &str, cure: String) {
        self.faults.push(Fault {
            key: key.to_owned(),
            origin: origin.to_owned(),
            cure,
        });
    }

    /// Everything that is wrong, keys that nobody asked for included.
    pub fn finish(mut self) -> Vec<Fault> {
        for (key, entry) in std::mem::take(&mut self.entries) {
            let cure = format!(
                "没有这个设置，可用的有 · there is no such setting; there are: {}",
                self.known.join(", ")
            );
            self.fault(&key, &entry.origin, cure);
        }
        self.faults
    }
}
