//! CSV as a stream of records, by bytes: neither UTF-8 nor GB18030 uses `,`, `"` or a line end within a character,
//! so that rows are cut before they are decoded and a broken byte spoils one cell only.

use super::{Limits, fault, fault::FileError};
use std::io::{self, Read};

const CHUNK: usize = 64 << 10;
/// After this many rows with unpaired quotes the file is not CSV; it also bounds what is read twice.
const BROKEN_QUOTES: usize = 1000;

/// One record, reused from row to row.
#[derive(Default)]
pub(super) struct Record {
    /// The line on which the record begins.
    pub line: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The place of the cell from which on the record makes no sense, for its quotes are not paired.
    pub torn: Option<usize>,
}

impl Record {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.bytes[start..*end])
    }

    /// All cells without what stands between them.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn clear(&mut self, line: u64) {
        self.line = line;
        self.bytes.clear();
        self.ends.clear();
        self.torn = None;
    }

    fn start(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn end_cell(&mut self) {
        self.ends.push(self.bytes.len());
    }
}

/// What a scan found.
enum Found {
    End,
    Row,
    /// The quotes of the record are not paired.
    Torn,
}

/// Cuts a stream into records. Memory: one row at most, and a chunk.
pub(super) struct CsvRows {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the next record begins in the buffer.
    at: usize,
    ended: bool,
    line: u64,
    read: u64,
    torn: usize,
    /// How many cells a row has, once the header is known.
    width: Option<usize>,
    limits: Limits,
}

impl CsvRows {
    pub fn new(source: Box<dyn Read + Send>, limits: Limits) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            line: 1,
            read: 0,
            torn: 0,
            width: None,
            limits,
        }
    }

    /// Bytes taken from the source so far.
    pub const fn read(&self) -> u64 {
        self.read
    }

    /// From here on a row of several lines that has another number of cells is taken for one with unpaired quotes.
    pub fn set_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// Passes over a byte order mark.
    pub fn skip_mark(&mut self) -> Result<bool, FileError> {
        let mark = [0xef, 0xbb, 0xbf];
        for (place, byte) in mark.into_iter().enumerate() {
            if self.byte(self.at + place)? != Some(byte) {
                return Ok(false);
            }
        }
        self.at += mark.len();
        Ok(true)
    }

    /// Reads the next record that is not an empty line; false at the end.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, FileError> {
        loop {
            if self.at >= CHUNK {
                self.buffer.drain(..self.at);
                self.at = 0;
            }
            record.clear(self.line);
            match self.scan(record)? {
                Found::End => return Ok(false),
                Found::Row if record.len() == 1 && record.bytes.is_empty() => continue,
                Found::Row => return Ok(true),
                Found::Torn => {
                    self.tear(record)?;
                    return Ok(true);
                }
            }
        }
    }

    fn scan(&mut self, record: &mut Record) -> Result<Found, FileError> {
        let mut i = self.at;
        if self.byte(i)?.is_none() {
            return Ok(Found::End);
        }
        let mut lines = 0;
        loop {
            if self.byte(i)? == Some(b'"') {
                match self.quoted(i + 1, record, &mut lines)? {
                    Some(after) => i = after,
                    None => return Ok(Found::Torn),
                }
            } else {
                i = self.plain(i, record)?;
            }
            record.end_cell();
            i += match (self.byte(i)?, self.byte(i + 1)?) {
                (Some(b','), _) => 1,
                (None, _) | (Some(b'\r'), None) => return Ok(self.row(i + 1, lines, record)),
                (Some(b'\n'), _) => return Ok(self.row(i + 1, lines + 1, record)),
                (Some(b'\r'), Some(b'\n')) => return Ok(self.row(i + 2, lines + 1, record)),
                _ => return Ok(Found::Torn),
            };
        }
    }

    /// Ends the record, unless its lines were held together by quotes that belong to different rows.
    fn row(&mut self, after: usize, lines: u64, record: &Record) -> Found {
        if lines > 1 && self.width.is_some_and(|width| width != record.len()) {
            return Found::Torn;
        }
        self.at = after.min(self.buffer.len());
        self.line += lines;
        Found::Row
    }

    /// Reads a cell without quotes, up to the comma or the end of the line.
    fn plain(&mut self, from: usize, record: &mut Record) -> Result<usize, FileError> {
        let mut i = from;
        loop {
            let seen = &self.buffer[i.min(self.buffer.len())..];
            let stop = seen.iter().position(|byte| matches!(byte, b',' | b'\n'));
            i += stop.unwrap_or(seen.len());
            if i - from > self.limits.cell_bytes {
                return Err(fault::cell_too_long(record.line, self.limits.cell_bytes));
            }
            self.check_row(i, record)?;
            if stop.is_some() || !self.fill()? {
                break;
            }
        }
        let end = if i > from && self.buffer[i - 1] == b'\r' && self.buffer.get(i) != Some(&b',') {
            i - 1
        } else {
            i
        };
        record.bytes.extend_from_slice(&self.buffer[from..end]);
        Ok(end)
    }

    /// Reads a cell within quotes; none where they are not paired within the limits.
    fn quoted(
        &mut self,
        from: usize,
        record: &mut Record,
        lines: &mut u64,
    ) -> Result<Option<usize>, FileError> {
        let start = record.start();
        // A whole line within the quotes that has the cells of a row is a row that an unpaired quote has swallowed.
        let row_commas = self.width.filter(|width| *width > 3).map(|width| width - 1);
        let mut commas = None;
        let mut i = from;
        loop {
            let Some(byte) = self.byte(i)? else {
                return Ok(None);
            };
            i += 1;
            match byte {
                b'"' if self.byte(i)? != Some(b'"') => return Ok(Some(i)),
                b'"' => i += 1,
                b',' => commas = commas.map(|count: usize| count + 1),
                b'\n' if commas.is_some() && commas == row_commas => return Ok(None),
                b'\n' => {
                    commas = Some(0);
                    *lines += 1;
                }
                _ => {}
            }
            record.bytes.push(byte);
            let long = record.bytes.len() - start > self.limits.cell_bytes;
            if long || i - self.at > self.limits.row_bytes {
                return Ok(None);
            }
        }
    }

    /// Gives up the record after its first line, so that an unpaired quote costs one row only.
    fn tear(&mut self, record: &mut Record) -> Result<(), FileError> {
        self.torn += 1;
        if self.torn > BROKEN_QUOTES {
            return Err(fault::broken_quotes(self.line));
        }
        // What was read of the first line may hold half of the following rows; it is read again without quotes.
        let mut i = self.at;
        while !matches!(self.byte(i)?, None | Some(b'\n')) {
            i += 1;
            self.check_row(i, record)?;
        }
        let line = &self.buffer[self.at..i];
        let torn = line
            .split(|byte| *byte == b',')
            .position(|cell| cell.contains(&b'"'))
            .unwrap_or(0);
        record.clear(self.line);
        for cell in line.split(|byte| *byte == b',').take(torn) {
            record.bytes.extend_from_slice(cell);
            record.end_cell();
        }
        record.torn = Some(torn);
        self.line += 1;
        self.at = (i + 1).min(self.buffer.len());
        Ok(())
    }

    fn check_row(&self, i: usize, record: &Record) -> Result<(), FileError> {
        if i - self.at > self.limits.row_bytes {
            return Err(fault::row_too_long(record.line, self.limits.row_bytes));
        }
        Ok(())
    }

    /// The byte at a place of the buffer, which is filled up to it; none after the end of the stream.
    fn byte(&mut self, place: usize) -> Result<Option<u8>, FileError> {
        while place >= self.buffer.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[place]))
    }

    /// Reads another chunk; false at the end of the stream.
    fn fill(&mut self) -> Result<bool, FileError> {
        while !self.ended {
            let held = self.buffer.len();
            self.buffer.resize(held + CHUNK, 0);
            let result = self.source.read(&mut self.buffer[held..]);
            self.buffer.truncate(held + *result.as_ref().unwrap_or(&0));
            match result {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.read += count as u64;
                    if self.read > self.limits.csv_bytes {
                        return Err(fault::too_large(self.limits.csv_bytes));
                    }
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(fault::not_readable(&error)),
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: Option<usize>) -> Vec<(u64, Vec<String>, Option<usize>)> {
        let source = Box::new(io::Cursor::new(text.as_bytes().to_vec()));
        let mut rows = CsvRows::new(source, Limits::default());
        rows.width = width;
        let mut record = Record::default();
        let mut all = Vec::new();
        while rows.next(&mut record).unwrap() {
            let cells = record
                .cells()
                .map(|cell| String::from_utf8_lossy(cell).into_owned());
            all.push((record.line, cells.collect(), record.torn));
        }
        all
    }

    fn row(line: u64, cells: &[&str], torn: Option<usize>) -> (u64, Vec<String>, Option<usize>) {
        (
            line,
            cells.iter().map(|cell| (*cell).to_owned()).collect(),
            torn,
        )
    }

    #[test]
    fn lines_are_counted_through_quotes_and_blank_lines() {
        assert_eq!(
            rows("a,b\r\n\r\n\"1\n2\",\"x \"\"y\"\"\"\n\n3,\n,4", None),
            [
                row(1, &["a", "b"], None),
                row(3, &["1\n2", "x \"y\""], None),
                row(6, &["3", ""], None),
                row(7, &["", "4"], None),
            ]
        );
    }

    #[test]
    fn an_unpaired_quote_costs_one_row() {
        for broken in ["1,\"x", "1,\"x\"y"] {
            assert_eq!(
                rows(&format!("a,b\n{broken}\n2,y\n3,z\n"), Some(2)),
                [
                    row(1, &["a", "b"], None),
                    row(2, &["1"], Some(1)),
                    row(3, &["2", "y"], None),
                    row(4, &["3", "z"], None),
                ],
                "{broken}"
            );
        }
        // Two unpaired quotes that look like one cell over several rows.
        assert_eq!(
            rows("a,b\n1,\"x\n2,y\n3,\"\n4,z\n", Some(2)),
            [
                row(1, &["a", "b"], None),
                row(2, &["1", "x\n2,y\n3,"], None),
                row(5, &["4", "z"], None),
            ],
            "nothing tells this from a cell of three lines"
        );
        assert_eq!(
            rows("a,b\n\"x,1\n2,y\n3\",z,\n4,z\n", Some(2)).len(),
            5,
            "here the number of cells does"
        );
        let swallowed = "a,b,c,d\n1,\"x,,\n2,y,,\n3,\",,\n4,z,,\n";
        assert_eq!(
            rows(swallowed, Some(4)).len(),
            5,
            "and here a whole row within the quotes"
        );
    }
}
