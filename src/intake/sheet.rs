//! A file as a stream of rows.

use super::{
    Limits,
    csv::{CsvRows, Record},
    fault,
    fault::FileError,
    header::{Header, recognise},
    layout::{Layout, header_texts},
    row::{RawCell, Row, is_empty},
    workbook,
};
use crate::register::{KindIndex, Kinds};
use encoding_rs::{Encoding, GB18030, UTF_8};
use std::{
    borrow::Cow,
    cell::Cell,
    fs::File,
    io::{Cursor, Read},
    path::Path,
    sync::Arc,
};

/// What a workbook begins with: it is a zip file.
const ZIP: [u8; 4] = *b"PK\x03\x04";
/// What an old or an encrypted workbook begins with.
const OLE: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

/// A file whose kind has been recognised; its rows come one by one, in the file's order. Rows without any content are
/// passed over. After an error of the file nothing more comes.
pub struct Sheet {
    kind: KindIndex,
    layout: Arc<Layout>,
    headers: Vec<Arc<str>>,
    source: Source,
    bytes: u64,
}

enum Source {
    Csv {
        rows: Box<CsvRows>,
        encoding: CsvEncoding,
        record: Record,
    },
    Workbook(std::vec::IntoIter<Row>),
    Over,
}

/// How the bytes of a CSV file are read.
#[derive(Clone, Copy)]
enum CsvEncoding {
    Is(&'static Encoding),
    /// The header does not tell: each row is UTF-8 where it can be, else GB18030.
    Either,
}

impl Sheet {
    /// Opens a file and finds its kind, unless one is forced.
    pub fn open(
        path: &Path,
        kinds: &Kinds,
        forced: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, FileError> {
        let open = || {
            let file = File::open(path)?;
            let about = file.metadata()?;
            if !about.is_file() {
                return Err(std::io::Error::other("not a plain file"));
            }
            Ok((file, about.len()))
        };
        let (file, bytes) = open().map_err(|error| fault::not_readable(&error))?;
        Self::read(Box::new(file), bytes, kinds, forced, limits)
    }

    /// The same of a file that is held in memory.
    pub fn of_bytes(
        bytes: impl Into<Cow<'static, [u8]>>,
        kinds: &Kinds,
        forced: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, FileError> {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Self::read(Box::new(Cursor::new(bytes)), size, kinds, forced, limits)
    }

    fn read(
        mut source: Box<dyn Read + Send>,
        bytes: u64,
        kinds: &Kinds,
        forced: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, FileError> {
        let mut head = Vec::with_capacity(4);
        let taken = source.by_ref().take(4).read_to_end(&mut head);
        taken.map_err(|error| fault::not_readable(&error))?;
        if head == OLE {
            return Err(fault::old_workbook());
        }
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
            return Err(fault::unknown_encoding());
        }
        let is_workbook = head == ZIP;
        let whole = Box::new(Cursor::new(head).chain(source));
        if is_workbook {
            Self::of_workbook(whole, bytes, kinds, forced, limits)
        } else {
            Self::of_csv(whole, bytes, kinds, forced, limits)
        }
    }

    fn of_workbook(
        source: Box<dyn Read + Send>,
        bytes: u64,
        kinds: &Kinds,
        forced: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, FileError> {
        let mut packed = Vec::new();
        let taken = source
            .take(limits.xlsx_packed.saturating_add(1))
            .read_to_end(&mut packed);
        taken.map_err(|error| fault::not_readable(&error))?;
        if packed.len() as u64 > limits.xlsx_packed {
            return Err(fault::too_large(limits.xlsx_packed));
        }
        let kind = Cell::new(KindIndex(0));
        let layout_of = |headers: Vec<Header>| {
            let recognised = recognise(&headers, kinds, forced)?;
            kind.set(recognised.kind);
            Ok(Layout::new(kinds.get(recognised.kind), headers, recognised))
        };
        let (layout, rows) = workbook::read(packed, limits, &layout_of)?;
        Ok(Self::new(
            kind.get(),
            layout,
            Source::Workbook(rows.into_iter()),
            bytes,
        ))
    }

    fn of_csv(
        source: Box<dyn Read + Send>,
        bytes: u64,
        kinds: &Kinds,
        forced: Option<&str>,
        limits: &Limits,
    ) -> Result<Self, FileError> {
        if bytes > limits.csv_bytes {
            return Err(fault::too_large(limits.csv_bytes));
        }
        let mut rows = Box::new(CsvRows::new(source, *limits));
        let mut record = Record::default();
        let marked = rows.skip_mark()?;
        if !rows.next(&mut record)? {
            return Err(fault::empty());
        }
        if record.len() > limits.columns {
            return Err(fault::too_many_columns(limits.columns));
        }
        let encoding = encoding_of(&record, marked);
        let headers: Vec<Header> = decoded(&record, encoding)
            .iter()
            .map(|cell| (!cell.broken).then(|| Header::new(&cell.text)))
            .collect::<Option<_>>()
            .filter(|_| record.torn.is_none())
            .ok_or_else(fault::broken_header)?;
        let recognised = recognise(&headers, kinds, forced)?;
        let kind = recognised.kind;
        let layout = Layout::new(kinds.get(kind), headers, recognised);
        rows.set_width(layout.width());
        let source = Source::Csv {
            rows,
            encoding,
            record,
        };
        Ok(Self::new(kind, layout, source, bytes))
    }

    fn new(kind: KindIndex, layout: Layout, source: Source, bytes: u64) -> Self {
        Self {
            kind,
            headers: header_texts(layout.kept_headers()),
            layout: Arc::new(layout),
            source,
            bytes,
        }
    }

    pub const fn kind(&self) -> KindIndex {
        self.kind
    }

    /// The headers of the declared columns, as the file has them and in its order; [`Row::cells`] lie under them.
    pub fn headers(&self) -> &[Arc<str>] {
        &self.headers
    }

    /// The headers of the columns that no declaration names; nothing of them is kept.
    pub fn ignored_headers(&self) -> Vec<&str> {
        self.layout.ignored_headers().collect()
    }

    /// How its rows are read.
    pub(super) fn layout(&self) -> Arc<Layout> {
        self.layout.clone()
    }

    /// Whether it is text in lines rather than a workbook, which is packed.
    pub const fn is_csv(&self) -> bool {
        matches!(self.source, Source::Csv { .. })
    }

    /// Bytes read so far, and bytes in all.
    pub fn progress(&self) -> (u64, u64) {
        match &self.source {
            Source::Csv { rows, .. } => (rows.read().min(self.bytes), self.bytes),
            Source::Workbook(_) | Source::Over => (self.bytes, self.bytes),
        }
    }
}

impl Iterator for Sheet {
    type Item = Result<Row, FileError>;

    fn next(&mut self) -> Option<Result<Row, FileError>> {
        let next = match &mut self.source {
            Source::Csv {
                rows,
                encoding,
                record,
            } => next_csv_row(rows, *encoding, record, &self.layout).transpose(),
            Source::Workbook(rows) => rows.next().map(Ok),
            Source::Over => None,
        };
        if !matches!(next, Some(Ok(_))) {
            self.source = Source::Over;
        }
        next
    }
}

fn next_csv_row(
    rows: &mut CsvRows,
    encoding: CsvEncoding,
    record: &mut Record,
    layout: &Layout,
) -> Result<Option<Row>, FileError> {
    while rows.next(record)? {
        let cells = decoded(record, encoding);
        if record.torn.is_some() || cells.len() != layout.width() {
            return Ok(Some(layout.unfit_row(record.line, &cells, record.torn)));
        }
        if !is_empty(&cells) {
            return Ok(Some(layout.row(record.line, &cells)));
        }
    }
    Ok(None)
}

/// A byte order mark decides, else the header: the Chinese of one encoding is not valid in the other.
fn encoding_of(header: &Record, marked: bool) -> CsvEncoding {
    if marked {
        CsvEncoding::Is(UTF_8)
    } else if header.bytes().is_ascii() {
        CsvEncoding::Either
    } else if header.cells().all(|cell| std::str::from_utf8(cell).is_ok()) {
        CsvEncoding::Is(UTF_8)
    } else {
        CsvEncoding::Is(GB18030)
    }
}

fn decoded<'r>(record: &'r Record, encoding: CsvEncoding) -> Vec<RawCell<'r>> {
    let encoding = match encoding {
        CsvEncoding::Is(encoding) => encoding,
        CsvEncoding::Either if record.cells().all(|cell| std::str::from_utf8(cell).is_ok()) => {
            UTF_8
        }
        CsvEncoding::Either => GB18030,
    };
    let decode =
        |cell: &'r [u8]| match encoding.decode_without_bom_handling_and_without_replacement(cell) {
            Some(text) => RawCell {
                text,
                broken: false,
            },
            None => RawCell {
                text: encoding.decode_without_bom_handling(cell).0,
                broken: true,
            },
        };
    record.cells().map(decode).collect()
}
