//! A sheet whose rows are read on a thread of their own, while those before them are taken.

use super::fault::{self, FileError};
use super::layout::Layout;
use super::refusal::{CellFault, RefusalCode};
use super::row::Row;
use super::sheet::Sheet;
use crate::register::Value;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// How many rows go over at a time, and how many such pieces may lie ready.
const PIECE: usize = 256;
const READY: usize = 16;

/// Rows in the file's order, some thousand of them read ahead.
pub struct Ahead {
    pieces: Receiver<Piece>,
    rows: std::vec::IntoIter<Row>,
    /// What keeps the next row from being read, once those before it are gone.
    error: Option<FileError>,
    /// Whether the reader has said that there is no more: half a file must not pass for a whole one.
    is_over: bool,
    layout: Arc<Layout>,
    /// Bytes read until the end of the last piece, and bytes in all.
    progress: (u64, u64),
}

/// Some rows, and what kept the next one from being read.
struct Piece {
    rows: Vec<Row>,
    error: Option<FileError>,
    is_last: bool,
    read: u64,
}

impl Ahead {
    /// Goes on reading a sheet on another thread, which ends with the file or when this is dropped.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(sheet: Sheet) -> Result<Self, FileError> {
        let (send, pieces) = sync_channel(READY);
        let (layout, progress) = (sheet.layout(), sheet.progress());
        std::thread::Builder::new()
            .name("reader".to_owned())
            .spawn(move || read(sheet, &send))
            .map_err(|error| fault::not_readable(&error))?;
        Ok(Self {
            pieces,
            rows: Vec::new().into_iter(),
            error: None,
            is_over: false,
            layout,
            progress,
        })
    }

    /// What is wrong with a declared column of a row that can be read, as only somebody else can tell: a merchant
    /// that is not known. None where the file has no such column.
    pub fn fault_of(&self, column: usize, code: RefusalCode, value: &Value) -> Option<CellFault> {
        self.layout.fault_of(column, code, value)
    }

    /// Bytes read so far, and bytes in all.
    pub const fn progress(&self) -> (u64, u64) {
        self.progress
    }
}

impl Iterator for Ahead {
    type Item = Result<Row, FileError>;

    fn next(&mut self) -> Option<Result<Row, FileError>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            if let Some(error) = self.error.take() {
                return Some(Err(error));
            }
            if self.is_over {
                return None;
            }
            match self.pieces.recv() {
                Ok(piece) => {
                    self.progress.0 = piece.read;
                    (self.error, self.is_over) = (piece.error, piece.is_last);
                    self.rows = piece.rows.into_iter();
                }
                Err(gone) => {
                    let gone = std::io::Error::other(gone);
                    (self.error, self.is_over) = (Some(fault::not_readable(&gone)), true);
                }
            }
        }
    }
}

/// Sends the rows piece by piece, until nobody takes them any more.
fn read(mut sheet: Sheet, to: &SyncSender<Piece>) {
    loop {
        let mut rows = Vec::with_capacity(PIECE);
        let mut error = None;
        while rows.len() < PIECE && error.is_none() {
            match sheet.next() {
                Some(Ok(row)) => rows.push(row),
                Some(Err(cause)) => error = Some(cause),
                None => break,
            }
        }
        let is_last = rows.len() < PIECE;
        let read = sheet.progress().0;
        let piece = Piece {
            rows,
            error,
            is_last,
            read,
        };
        if to.send(piece).is_err() || is_last {
            return;
        }
    }
}
