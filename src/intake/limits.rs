//! How large a file may be. What lies beyond is refused before it is held in memory.

/// The limits of a file; the defaults are those that the documentation promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a CSV file.
    pub csv_bytes: u64,
    /// Lines of a CSV file.
    pub csv_lines: usize,
    /// Bytes of one row of a CSV file.
    pub row_bytes: usize,
    /// Bytes of one cell.
    pub cell_bytes: usize,
    /// Columns of either.
    pub columns: usize,
    /// Bytes of an XLSX file as it lies on the disk.
    pub xlsx_packed: u64,
    /// Bytes of an XLSX file once unpacked, and of the text of its cells.
    pub xlsx_unpacked: u64,
    /// Files within an XLSX file.
    pub xlsx_entries: usize,
    /// Rows of a sheet below its header.
    pub xlsx_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            csv_bytes: 1 << 30,
            csv_lines: 10_000_000,
            row_bytes: 1 << 20,
            cell_bytes: 64 << 10,
            columns: 64,
            xlsx_packed: 10 << 20,
            xlsx_unpacked: 64 << 20,
            xlsx_entries: 100,
            xlsx_rows: 50_000,
        }
    }
}
