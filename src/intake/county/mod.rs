//! county.toml: who takes part, which files the registers are in and how far they reach, the bank's products and the
//! programmes of subsidy. Everything is checked at once, and every fault is told with its line.

mod bank;
mod feed;
mod table;
#[cfg(test)]
mod tests;

pub use bank::{
    Certified, LoanPrimeRate, OnEvent, Payment, Product, Programme, Rate, Sizing, SizingFault,
    TIERS,
};
pub use feed::{Feed, FeedFile};
pub use table::{is_id, is_set, tiers_in_order};

use crate::kernel::{Bilingual, Day, text::normalised};
use crate::register::Kinds;
use std::{collections::BTreeSet, fmt, path::Path};
use table::{Faults, Table};

/// The name of the county's own file in its folder.
pub const FILE: &str = "county.toml";
/// A county's own file is short; a longer one is something else.
const MOST_BYTES: u64 = 1 << 20;

/// One fault of a county's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountyFault {
    /// The line of county.toml, from 1, where there is one.
    pub line: Option<usize>,
    pub cause: Bilingual,
}

impl fmt::Display for CountyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "{FILE}:{line}: ")?;
        }
        write!(f, "{} · {}", self.cause.zh, self.cause.en)
    }
}

impl std::error::Error for CountyFault {}

/// A county as its file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct County {
    pub name: String,
    /// Six digits, as GB/T 2260 numbers counties.
    pub region: String,
    /// The day on which the county stands; a real county has none: today.
    pub business_date: Option<Day>,
    /// The bureau that runs the scheme, one of the parties that a merchant may authorise.
    pub bureau: String,
    /// The id of the card that scores the county.
    pub scorecard: String,
    pub towns: Vec<String>,
    pub areas: Vec<String>,
    pub banks: Vec<Bank>,
    /// In the order of the file.
    pub feeds: Vec<Feed>,
    pub products: Vec<Product>,
    pub programmes: Vec<Programme>,
    pub loan_prime_rates: Vec<LoanPrimeRate>,
}

/// A bank that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    pub id: String,
    /// NFKC and trimmed: 被授权机构 and 收单机构 name a bank by it.
    pub name: String,
}

impl County {
    /// Reads county.toml in a folder. The files that its feeds name must lie in the folder itself.
    pub fn open(folder: &Path, kinds: &Kinds) -> Result<Self, Vec<CountyFault>> {
        let unreadable = |error: std::io::Error| {
            vec![CountyFault {
                line: None,
                cause: Bilingual {
                    zh: format!("读不出 {FILE}（{error}）"),
                    en: format!("{FILE} cannot be read ({error})"),
                },
            }]
        };
        let path = folder.join(FILE);
        let size = std::fs::metadata(&path).map_err(unreadable)?.len();
        if size > MOST_BYTES {
            return Err(unreadable(std::io::Error::other("larger than 1 MiB")));
        }
        let text = std::fs::read_to_string(&path).map_err(unreadable)?;
        Self::parse(&text, kinds, &|file| lies_in(folder, file))
    }

    /// The same of a text. `exists` says whether the folder holds a file of that name.
    pub fn parse(
        text: &str,
        kinds: &Kinds,
        exists: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<CountyFault>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let faults = Faults::new(text);
        let (document, errors) = toml::de::DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map(|span| span.start);
            faults.add(
                at,
                format!("不是有效的TOML：{}", error.message()),
                format!("not valid TOML: {}", error.message()),
            );
        }
        // What is left of a broken document would only be called incomplete.
        if !errors.is_empty() {
            return Err(faults.into_vec());
        }
        let root = Table::new(document.get_ref(), document.span().start, FILE, &faults);
        let county = Self::read(&root, kinds, exists);
        root.end();
        match (county, faults.into_vec()) {
            (Some(county), faults) if faults.is_empty() => Ok(county),
            (_, faults) => Err(faults),
        }
    }

    /// The files to read, each once, in the order in which the feeds name them first.
    pub fn files(&self) -> Vec<FeedFile<'_>> {
        feed::files(&self.feeds)
    }

    fn read(root: &Table, kinds: &Kinds, exists: &dyn Fn(&str) -> bool) -> Option<Self> {
        let name = root.text("name");
        let region = root.text("region").filter(|region| {
            let right = region.len() == 6 && region.bytes().all(|byte| byte.is_ascii_digit());
            if !right {
                root.fault("region", "区划代码须为6位数字", "a region has 6 digits");
            }
            right
        });
        let business_date = root.optional("business_date", Table::day);
        let bureau = root.text("bureau");
        let scorecard = root.text("scorecard");
        let towns = root.texts("towns");
        let areas = root.texts("areas");
        let banks = root.each("bank", |table| {
            Some(Bank {
                id: table.id("id")?,
                name: table.text("name")?,
            })
        });
        unique(root, "bank", banks.iter().map(|bank| &*bank.id));
        unique(root, "bank", banks.iter().map(|bank| &*bank.name));
        let feeds = root.each("feed", |table| Feed::read(table, kinds, exists));
        feed::check_files(root, &feeds);
        let products = root.each("product", |table| Product::read(table, &banks));
        unique(root, "product", products.iter().map(|product| &*product.id));
        let programmes = root.each("programme", Programme::read);
        unique(
            root,
            "programme",
            programmes.iter().map(|programme| &*programme.id),
        );
        let loan_prime_rates = root.each("loan_prime_rate", LoanPrimeRate::read);
        let days: Vec<String> = loan_prime_rates
            .iter()
            .map(|rate| format!("{} {}", rate.term, rate.published_on))
            .collect();
        unique(root, "loan_prime_rate", days.iter().map(|day| &**day));
        Some(Self {
            name: name?,
            region: region?,
            business_date,
            bureau: bureau?,
            scorecard: scorecard?,
            towns: towns?,
            areas: areas?,
            banks,
            feeds,
            products,
            programmes,
            loan_prime_rates,
        })
    }
}

fn unique<'i>(root: &Table, key: &str, ids: impl Iterator<Item = &'i str>) {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            root.fault(
                key,
                &format!("[[{key}]] 重复：{id}"),
                &format!("[[{key}]] is there twice: {id}"),
            );
        }
    }
}

/// Whether a plain file of that name lies in the folder itself; a link that leads out of it does not.
fn lies_in(folder: &Path, file: &str) -> bool {
    let inside = || {
        let folder = folder.canonicalize().ok()?;
        let path = folder.join(file).canonicalize().ok()?;
        Some(path.is_file() && path.parent() == Some(&folder))
    };
    inside().unwrap_or(false)
}

/// A name as it is compared.
fn named(text: &str) -> String {
    normalised(text).into_owned()
}
