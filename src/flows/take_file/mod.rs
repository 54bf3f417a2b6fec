//! A delivery arrives: the rows of one file become new facts, new versions, held changes or refusals, slice by slice;
//! the coverage comes with the last slice, and of a register in several files with the last slice of the last of them,
//! so that half a delivery never counts as complete.

pub mod cover;
mod taking;

use super::slices::Slices;
use super::watch::Watch;
use crate::delivery::records::{NewDelivery, begin};
use crate::delivery::{Counts, Progress, RefusedRow};
use crate::intake::{Ahead, FileError, Limits, RefusedWriter, Sheet};
use crate::kernel::{Actor, Clock, Day, Digest, Id, Instant, Randomness};
use crate::register::records::Delivery;
use crate::register::{Kind, KindIndex, Kinds};
use crate::store::{Conn, Failure, StoreError};
use std::collections::HashSet;
use std::path::Path;
use taking::Taking;

/// The most refused rows that a report lists; the counts and the files of refused rows hold them all.
pub const MOST_LISTED: usize = 100_000;

/// What importing needs to know of the world.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub kinds: &'a Kinds,
    pub limits: &'a Limits,
    pub clock: &'a dyn Clock,
    pub randomness: &'a dyn Randomness,
    pub watch: &'a dyn Watch,
    pub by: &'a Actor,
    /// Where the files of refused rows go; none are written where it is not given.
    pub refused_dir: Option<&'a Path>,
}

/// One file, and the days that it covers for whom.
#[derive(Clone, Debug)]
pub struct FileOrder<'a> {
    pub path: &'a Path,
    pub name: &'a str,
    /// The kind that it is said to be; otherwise its headers tell.
    pub kind: Option<&'a str>,
    pub sources: Vec<SourceCovers<'a>>,
    /// The sender's word that the rows are corrections.
    pub corrects: bool,
}

/// A source, and the days that its delivery covers, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct SourceCovers<'a> {
    pub source: &'a str,
    pub from: Day,
    pub until: Day,
}

/// The other files of a file's kind that are delivered with it.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// Whose deliveries go on in a file that follows.
    pub goes_on: Vec<&'a str>,
    /// Deliveries whose rows are all in, and that end with this file.
    pub waiting: Vec<Waiting<'a>>,
}

/// A delivery, and the days that it covers.
pub type Waiting<'a> = (Id<Delivery>, SourceCovers<'a>);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    #[error("补贴项目的资金池：{0} · the pool of a programme: {0}")]
    Pool(crate::ledger::Refusal),
    #[error("{file}：{error}")]
    File { file: String, error: Box<FileError> },
    #[error("{file} 是{found}，而非 {said} · {file} holds {found}, not {said}")]
    OtherKind {
        file: String,
        found: String,
        said: String,
    },
    #[error(
        "有两个文件名为 {0}，拒收的行会写到同一个文件；请改名或分开导入 · two files are called {0}, and their refused rows would go to one file; rename one or import them apart"
    )]
    SameName(String),
    #[error(
        "{0} 是全量登记，不能作为更正导入 · {0} is a full export; only deliveries of months can be corrections"
    )]
    NoCorrections(String),
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct Taken {
    pub counts: Counts,
    pub rows: u64,
    pub repeated: u64,
    pub unknown_merchant: u64,
    pub refusals: Vec<RefusedRow>,
    /// Headers of columns that no declaration names: not kept.
    pub ignored_headers: Vec<String>,
    /// The keys in the file, by source, as the first half of their digests.
    pub seen: HashSet<[u8; 16]>,
    /// One for each source, in the order of the file's sources.
    pub deliveries: Vec<Id<Delivery>>,
    pub refused_file: Option<std::path::PathBuf>,
}

/// Takes one file.
///
/// # Errors
/// Where the file cannot be read or recognised (nothing is taken), or the store fails (what has been taken stays, and
/// the same file taken again goes on from there).
pub fn take_file(
    slices: &mut Slices<'_>,
    around: Surroundings<'_>,
    order: &FileOrder<'_>,
    beside: &Beside<'_>,
) -> Result<Taken, Failure<ImportRefusal>> {
    let refused = |error| file_error(order.name, error);
    let sheet =
        Sheet::open(order.path, around.kinds, order.kind, around.limits).map_err(refused)?;
    let kind = around.kinds.get(sheet.kind());
    check(kind, order)?;
    let mut taken = Taken {
        ignored_headers: sheet
            .ignored_headers()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        ..Taken::default()
    };
    let started = around.clock.now();
    let digest = digest(order.path, &sheet, around.limits).map_err(refused)?;
    let deliveries =
        slices.run(|conn| Ok(begin_all(conn, around, order, kind, digest, started)?))?;
    let headers = sheet.headers();
    let writer = around
        .refused_dir
        .map(|folder| RefusedWriter::create(folder, order.name, headers));
    let writer = writer.transpose().map_err(refused)?;
    around.watch.begin(
        &format!("{}（{}）", kind.name.zh, order.name),
        sheet.progress().1,
    );
    let resumed = deliveries
        .iter()
        .any(|(_, _, resumed)| *resumed)
        .then(Default::default);
    let deliveries = &deliveries;
    taken.deliveries = deliveries.iter().map(|(id, ..)| *id).collect();
    let mut taking = Taking {
        around,
        order,
        beside,
        kind,
        deliveries,
        resumed,
        progress: Progress::default(),
        writer,
        taken,
    };
    let mut rows = Ahead::start(sheet).map_err(refused)?;
    taking.all(slices, &mut rows)?;
    let Taking {
        writer, progress, ..
    } = taking;
    taken = taking.taken;
    (taken.counts, taken.repeated) = (progress.counts, progress.repeated);
    taken.refused_file = writer
        .map(RefusedWriter::finish)
        .transpose()
        .map_err(refused)?
        .flatten();
    around.watch.end();
    Ok(taken)
}

/// Reads the file once before anything is taken of it: its digest, and that it does not hold too much.
fn digest(path: &Path, sheet: &Sheet, limits: &Limits) -> Result<Digest, FileError> {
    let mut lines = 0;
    let mut count = |piece: &[u8]| lines += piece.iter().filter(|byte| **byte == b'\n').count();
    let digest =
        Digest::of_file(path, &mut count).map_err(|error| FileError::not_readable(&error))?;
    if sheet.is_csv() && lines > limits.csv_lines {
        return Err(FileError::too_many_rows(limits.csv_lines));
    }
    Ok(digest)
}

/// Whether a file can be read and is of the kind that it is said to be; tells the kind, and nothing is taken.
pub fn check_file(
    around: Surroundings<'_>,
    order: &FileOrder<'_>,
) -> Result<KindIndex, Failure<ImportRefusal>> {
    let sheet = Sheet::open(order.path, around.kinds, order.kind, around.limits);
    let sheet = sheet.map_err(|error| file_error(order.name, error))?;
    check(around.kinds.get(sheet.kind()), order)?;
    digest(order.path, &sheet, around.limits).map_err(|error| file_error(order.name, error))?;
    Ok(sheet.kind())
}

fn file_error(file: &str, error: FileError) -> Failure<ImportRefusal> {
    Failure::Refused(ImportRefusal::File {
        file: file.to_owned(),
        error: Box::new(error),
    })
}

fn check(kind: &Kind, order: &FileOrder<'_>) -> Result<(), Failure<ImportRefusal>> {
    let refusal = match order.kind {
        Some(said) if *said != *kind.id => ImportRefusal::OtherKind {
            file: order.name.to_owned(),
            found: kind.to_string(),
            said: said.to_owned(),
        },
        _ if order.corrects && kind.full_export => ImportRefusal::NoCorrections(kind.to_string()),
        _ => return Ok(()),
    };
    Err(Failure::Refused(refusal))
}

/// One delivery a source, and whether it was begun before.
type Begun<'a> = Vec<(Id<Delivery>, SourceCovers<'a>, bool)>;

fn begin_all<'a>(
    conn: &mut Conn,
    around: Surroundings<'_>,
    order: &FileOrder<'a>,
    kind: &Kind,
    digest: Digest,
    started_at: Instant,
) -> Result<Begun<'a>, StoreError> {
    let mut begun = Vec::with_capacity(order.sources.len());
    for covers in &order.sources {
        let new = NewDelivery {
            id: Id::new(started_at, around.randomness),
            kind: &kind.id,
            source: covers.source,
            from: covers.from,
            until: covers.until,
            file: order.name,
            digest,
            by: around.by,
            corrects: order.corrects,
            started_at,
        };
        let (id, resumed) = begin(conn, &new)?;
        begun.push((id, *covers, resumed));
    }
    Ok(begun)
}

/// Half a digest tells keys apart well enough, and a million of them stay small.
pub fn short_digest(key: &str) -> [u8; 16] {
    let digest = Digest::of(key.as_bytes());
    std::array::from_fn(|place| digest.as_bytes()[place])
}
