//! A county folder, or files given one by one, through the ordinary importers.

use super::declare_programmes::{NotLowered, declare_programmes};
use super::slices::Slices;
use super::take_file::{
    Beside, FileOrder, ImportRefusal, SourceCovers, Surroundings, Taken, Waiting, check_file,
    short_digest, take_file,
};
use crate::county::CountyRecord;
use crate::county::records::{Bank, NewCounty, add, keep_banks};
use crate::delivery::{Counts, Report};
use crate::intake::County;
use crate::intake::county::{Feed, FeedFile};
use crate::kernel::text::normalised;
use crate::kernel::{BusinessDate, Id};
use crate::ledger::records::Posted;
use crate::product;
use crate::register::records::each_key;
use crate::register::{Kind, KindIndex};
use crate::store::{Conn, Failure, StoreError};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// The keys of one kind that one source has delivered now.
type Seen = BTreeMap<(String, String), HashSet<[u8; 16]>>;

/// What an import adds up to.
#[derive(Default)]
pub struct Import {
    pub report: Report,
    /// What whoever delivers should know beside the report: in Chinese and English.
    pub hints: Vec<String>,
    seen: Seen,
}

/// Imports a county folder: its files with the roster first, and then what its county.toml says.
pub fn import_folder(
    slices: &mut Slices<'_>,
    around: Surroundings<'_>,
    folder: &Path,
    county: &County,
    document: &str,
) -> Result<Import, Failure<ImportRefusal>> {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let mut import = Import::default();
    import.report.folder = name.unwrap_or_else(|| folder.display().to_string());
    let roster = around.kinds.roster();
    let mut files = county.files();
    files.sort_by_key(|file| file.kind != roster);
    let paths: Vec<_> = files.iter().map(|file| folder.join(file.file)).collect();
    let both = files.iter().zip(&paths);
    let orders: Vec<FileOrder<'_>> = both.map(|(file, path)| order(around, file, path)).collect();
    import.take_all(slices, around, &orders)?;
    let not_lowered = slices.run(|conn| {
        record_county(conn, around, county, document)?;
        record_programmes(conn, around, county)
    })?;
    for NotLowered { programme, short } in not_lowered {
        import.hints.push(format!(
            "补贴项目 {programme}：资金池已被申领，尚有 {short} 元未能调减 · the pool of {programme} is claimed already: \
             {short} yuan could not be taken out"
        ));
    }
    Ok(import)
}

fn order<'a>(around: Surroundings<'a>, file: &'a FeedFile<'_>, path: &'a Path) -> FileOrder<'a> {
    let covers = |feed: &&'a Feed| SourceCovers {
        source: &feed.source,
        from: feed.from,
        until: feed.until,
    };
    FileOrder {
        path,
        name: file.file,
        kind: Some(&around.kinds.get(file.kind).id),
        sources: file.feeds.iter().map(covers).collect(),
        corrects: file.feeds.iter().any(|feed| feed.corrects),
    }
}

/// Imports one file after another.
pub fn import_files(
    slices: &mut Slices<'_>,
    around: Surroundings<'_>,
    orders: &[FileOrder<'_>],
) -> Result<Import, Failure<ImportRefusal>> {
    let mut import = Import::default();
    import.take_all(slices, around, orders)?;
    Ok(import)
}

/// Files of refused rows are called as the files that they come from.
fn check_names(orders: &[FileOrder<'_>]) -> Result<(), Failure<ImportRefusal>> {
    let mut names = HashSet::new();
    let name = |order: &FileOrder<'_>| Path::new(order.name).file_name().map(ToOwned::to_owned);
    match orders.iter().find(|order| !names.insert(name(order))) {
        Some(twice) => Err(Failure::Refused(ImportRefusal::SameName(
            twice.name.to_owned(),
        ))),
        None => Ok(()),
    }
}

fn record_county(
    conn: &mut Conn,
    around: Surroundings<'_>,
    county: &County,
    document: &str,
) -> Result<(), StoreError> {
    let recorded_at = around.clock.now();
    let banks: Vec<Bank> = county
        .banks
        .iter()
        .map(|bank| Bank {
            id: bank.id.to_string(),
            name: normalised(&bank.name).into_owned(),
            recorded_at,
        })
        .collect();
    keep_banks(conn, &banks)?;
    let now = (recorded_at, around.randomness);
    let from = BusinessDate::of(county.business_date).today(around.clock);
    product::records::keep(conn, &county.products, from, None, now)?;
    product::records::keep_rates(conn, &county.loan_prime_rates, from, now)?;
    let record = CountyRecord {
        name: county.name.to_string(),
        region: county.region.to_string(),
        bureau: county.bureau.to_string(),
        scorecard: county.scorecard.to_string(),
        business_date: county.business_date,
    };
    let id = Id::new(recorded_at, around.randomness);
    add(
        conn,
        NewCounty {
            id,
            county: record,
            document,
            recorded_at,
        },
    )?;
    Ok(())
}

fn record_programmes(
    conn: &mut Conn,
    around: Surroundings<'_>,
    county: &County,
) -> Result<Vec<NotLowered>, Failure<ImportRefusal>> {
    let today = BusinessDate::of(county.business_date).today(around.clock);
    let posted = Posted {
        by: around.by,
        clock: around.clock,
        randomness: around.randomness,
    };
    let declared = declare_programmes(conn, &county.programmes, today, posted);
    declared.map_err(|failure| match failure {
        Failure::Refused(refusal) => Failure::Refused(ImportRefusal::Pool(refusal)),
        Failure::Store(error) => Failure::Store(error),
    })
}

impl Import {
    /// Takes files one after another. Whatever is wrong with one as a whole is told before anything is taken.
    fn take_all(
        &mut self,
        slices: &mut Slices<'_>,
        around: Surroundings<'_>,
        orders: &[FileOrder<'_>],
    ) -> Result<(), Failure<ImportRefusal>> {
        if around.refused_dir.is_some() {
            check_names(orders)?;
        }
        let kinds = orders.iter().map(|order| check_file(around, order));
        let kinds: Vec<KindIndex> = kinds.collect::<Result<_, _>>()?;
        let mut waiting: BTreeMap<KindIndex, Vec<Waiting<'_>>> = BTreeMap::new();
        for (place, (order, kind)) in orders.iter().zip(&kinds).enumerate() {
            let following = orders.iter().zip(&kinds).skip(place + 1);
            let of_kind = following.filter(|(_, other)| *other == kind);
            let sources = of_kind.flat_map(|(other, _)| &other.sources);
            let beside = Beside {
                goes_on: sources.map(|covers| covers.source).collect(),
                waiting: waiting.remove(kind).unwrap_or_default(),
            };
            let taken = take_file(slices, around, order, &beside)?;
            let own = taken
                .deliveries
                .iter()
                .copied()
                .zip(order.sources.iter().copied());
            let all = beside.waiting.iter().copied().chain(own);
            let still = all.filter(|(_, covers)| beside.goes_on.contains(&covers.source));
            waiting.insert(*kind, still.collect());
            self.tell(around.kinds.get(*kind), order, taken);
        }
        self.count_absent(slices, around)
    }

    fn tell(&mut self, kind: &Kind, order: &FileOrder<'_>, taken: Taken) {
        if !taken.ignored_headers.is_empty() {
            let headers = taken.ignored_headers.join("、");
            self.hints.push(format!(
                "{}：未声明的列不予保存 · columns not declared are not kept: {headers}",
                order.name
            ));
        }
        self.add(order, &kind.id, taken);
    }

    fn add(&mut self, order: &FileOrder<'_>, kind: &str, taken: Taken) {
        let Counts {
            new,
            changed,
            unchanged,
            held,
            refused,
            ..
        } = taken.counts;
        tracing::debug!(
            kind,
            new,
            changed,
            unchanged,
            held,
            refused,
            "a file was taken"
        );
        if let Some(file) = &taken.refused_file {
            self.hints.push(format!(
                "拒收的行已写入 · refused rows are in {}",
                file.display()
            ));
        }
        self.report
            .kinds
            .entry(kind.to_owned())
            .or_default()
            .add(&taken.counts);
        let read = self.report.read.entry(kind.to_owned()).or_default();
        read.rows += taken.rows;
        read.repeated += taken.repeated;
        read.unknown_merchant += taken.unknown_merchant;
        self.report.refusals.extend(taken.refusals);
        for covers in &order.sources {
            let key = (kind.to_owned(), covers.source.to_owned());
            self.seen.entry(key).or_default().extend(&taken.seen);
        }
    }

    /// Counts the keys that a full export of the same source no longer holds. They are told, never deleted.
    fn count_absent(
        &mut self,
        slices: &mut Slices<'_>,
        around: Surroundings<'_>,
    ) -> Result<(), Failure<ImportRefusal>> {
        for ((kind, source), seen) in &self.seen {
            if !around
                .kinds
                .named(kind)
                .is_some_and(|kind| kind.full_export)
            {
                continue;
            }
            let absent = slices.read(|conn| {
                let mut absent = 0;
                each_key(conn, kind, source, |key| {
                    absent += u64::from(!seen.contains(&short_digest(key)))
                })?;
                Ok(absent)
            })?;
            self.report.kinds.entry(kind.clone()).or_default().absent += absent;
        }
        Ok(())
    }
}
