//! The feeds: which file holds which register, from whom, and how far it reaches.

use super::table::Table;
use crate::kernel::Day;
use crate::register::{KindIndex, Kinds};

/// One feed. A file that several parties fill has one feed for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub kind: KindIndex,
    /// A file in the county's folder.
    pub file: String,
    /// Who delivers; of statements the acquirer.
    pub source: String,
    /// The first and the last day covered: what is not in the file did not happen there.
    pub from: Day,
    pub until: Day,
    /// Whether the statements of this source are corrections of earlier ones.
    pub corrects: bool,
}

/// A file, to be read once, with the feeds that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFile<'c> {
    pub file: &'c str,
    pub kind: KindIndex,
    pub feeds: Vec<&'c Feed>,
}

impl Feed {
    pub(super) fn read(
        table: &Table,
        kinds: &Kinds,
        exists: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let kind = table.text("kind").and_then(|id| {
            let kind = kinds.index(&id);
            if kind.is_none() {
                table.fault(
                    "kind",
                    &format!("没有登记种类「{id}」"),
                    &format!("there is no kind {id:?}"),
                );
            }
            kind
        });
        let file = file(table, exists);
        let source = table.text("source");
        let covers = table.days("covers");
        let corrects = table.optional("corrects", Table::bool).unwrap_or(false);
        if corrects && kind.is_some_and(|kind| kinds.get(kind).covered_by.is_none()) {
            table.fault(
                "corrects",
                "只有月报可以更正",
                "only statements are corrected",
            );
        }
        let (from, until) = covers?;
        Some(Self {
            kind: kind?,
            file: file?,
            source: source?,
            from,
            until,
            corrects,
        })
    }
}

/// The file's name as it is written: names of files are not normalised.
fn file(table: &Table, exists: &dyn Fn(&str) -> bool) -> Option<String> {
    let (zh, en) = (
        "须为本文件夹内的文件名，不含路径",
        "must be the name of a file in this folder, without a path",
    );
    let file = table.either("file", zh, en, |value| {
        let name = value.as_str()?;
        let plain = !name.is_empty()
            && name != "."
            && name != ".."
            && !name
                .chars()
                .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'));
        plain.then(|| name.to_owned())
    })?;
    if !exists(&file) {
        table.fault(
            "file",
            &format!("文件夹里没有「{file}」"),
            &format!("there is no file {file:?} in the folder"),
        );
        return None;
    }
    Some(file)
}

pub(super) fn files(feeds: &[Feed]) -> Vec<FeedFile<'_>> {
    let mut files: Vec<FeedFile> = Vec::new();
    for feed in feeds {
        match files.iter_mut().find(|known| known.file == feed.file) {
            Some(known) => known.feeds.push(feed),
            None => files.push(FeedFile {
                file: &feed.file,
                kind: feed.kind,
                feeds: vec![feed],
            }),
        }
    }
    files
}

/// The feeds of one file must be of one kind.
pub(super) fn check_files(root: &Table, feeds: &[Feed]) {
    for file in files(feeds) {
        if file.feeds.iter().any(|feed| feed.kind != file.kind) {
            let name = file.file;
            root.fault(
                "feed",
                &format!("文件「{name}」被列为不同种类"),
                &format!("the file {name:?} is given two kinds"),
            );
        }
    }
}
