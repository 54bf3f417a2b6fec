//! Of a complainant nothing is kept anywhere.

use super::folder::{BUREAU, County, file};
use super::table::Table;
use super::world::World;
use crate::support::{TestDatabase, on_both_engines};
use std::path::Path;

/// Names and phones that nothing else could hold.
const SECRETS: [&str; 4] = [
    "欧阳投诉示例",
    "司徒举报示例",
    "19987654321",
    "0580-7654321",
];
/// What is kept, so that the search itself is known to find.
const KEPT: &str = "可以保留的问题";

/// The forms in which a text could lie in a file.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let (gb, _, _) = encoding_rs::GB18030.encode(text);
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let escaped: String = text
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    let plain = [text.as_bytes(), &gb];
    let hexed = plain.map(|bytes| hex(bytes).into_bytes());
    let plain = plain.map(<[u8]>::to_vec);
    let mut forms = vec![utf16, escaped.into_bytes()];
    forms.extend(plain);
    forms.extend(hexed.clone());
    forms.extend(hexed.map(|hex| hex.to_ascii_uppercase()));
    forms
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let found = |form: &Vec<u8>| bytes.windows(form.len()).any(|part| part == &form[..]);
    forms(text).iter().any(found)
}

/// Every file below a folder, as it lies there.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
}

/// A complaints file that holds every kind of row: good, refused, changed, held, torn, too long, too short, broken.
fn complaints(county: &mut County) -> Vec<u8> {
    let rows = county.rows.get_mut("complaints").unwrap();
    let [one, two, phone, landline] = SECRETS;
    for (place, row) in rows.iter_mut().enumerate() {
        let (name, number) = if place % 2 == 0 {
            (one, phone)
        } else {
            (two, landline)
        };
        *row = row
            .replace("示例人", name)
            .replace("19900000000", number)
            .replace("质量问题", KEPT);
    }
    let row = |place: usize| rows[place].clone();
    let more = [
        row(0).replace("2025-02-03", "2025-02-30"),
        row(1).replace("T1,", "T4,").replace(",受理,", ",不知道,"),
        row(0).replace("T0,", "T5,") + ",多出的一列",
        row(1)
            .replace("T1,", "T6,")
            .rsplit_once(',')
            .unwrap()
            .0
            .to_owned(),
        row(0).replace("T0,", "T7,").replace("示例平台,", ""),
        row(1)
            .replace("T1,", "T8,")
            .replace("示例平台", "示例\"平台"),
        row(0)
            .replace("T0,", "T9,")
            .replace("示例平台", "\"示例平台"),
        row(1)
            .replace("T1,", "T10,")
            .replace(two, &format!("{two}\u{1}")),
    ];
    rows.extend(more);
    let mut bytes = county.text("complaints").into_bytes();
    let broken = row_of(&county.rows["complaints"][0], "T11");
    let cut = broken.find("普通").unwrap();
    bytes.extend_from_slice(&broken.as_bytes()[..cut]);
    bytes.extend_from_slice(b"\xff\xfe");
    bytes.extend_from_slice(&broken.as_bytes()[cut..]);
    bytes.push(b'\n');
    bytes
}

fn row_of(row: &str, number: &str) -> String {
    row.replacen("T0", number, 1)
}

/// The same rows in GB18030, as far as they are text.
fn recoded(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let recode = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(text) => encoding_rs::GB18030.encode(text).0.into_owned(),
        Err(_) => {
            let text = String::from_utf8_lossy(line).replace('\u{fffd}', "");
            let text = encoding_rs::GB18030.encode(&text).0.into_owned();
            [b"\x80\xff,", &text[..]].concat()
        }
    };
    lines.flat_map(recode).collect()
}

fn county() -> County {
    let mut county = County::new("2025-06-30");
    county.merchant(1, "2012-03-05", "2021-02-01");
    for number in ["T0", "T1", "T2", "T3"] {
        county.complaint(number, 1, "2025-02-03", "受理,,");
    }
    county
}

struct Told(Vec<(String, Vec<u8>)>);

impl Told {
    /// Runs a command and keeps what it said.
    fn run(&mut self, world: &World, arguments: &[&str]) -> i32 {
        let done = world.run(arguments);
        let name = arguments.join(" ");
        self.0
            .push((format!("stdout of {name}"), done.out().into()));
        self.0
            .push((format!("stderr of {name}"), done.err().into()));
        done.code()
    }

    fn database(&mut self, world: &World, database: &TestDatabase) {
        let tables = world.tables();
        assert!(
            tables["fact_version"]
                .iter()
                .any(|row| holds(row.as_bytes(), KEPT))
        );
        for (name, rows) in tables {
            self.0
                .push((format!("table {name}"), rows.join("\n").into_bytes()));
        }
        files(database.folder(), &mut self.0);
        files(world.cli.folder(), &mut self.0);
    }

    fn check(&self) {
        assert!(self.0.len() > 20);
        for secret in SECRETS {
            for (place, bytes) in &self.0 {
                assert!(!holds(bytes, secret), "{secret} lies in {place}");
            }
        }
    }
}

#[test]
fn no_complainant_lies_in_the_database_the_logs_the_temporary_files_or_the_refused_rows() {
    let sent = tempfile::tempdir().unwrap();
    let mut county = county();
    let bytes = complaints(&mut county);
    let folder = county.write(sent.path(), "示例县");
    let path = folder.join(file("complaints"));
    std::fs::write(&path, &bytes).unwrap();
    // Then the same with a row changed and one that will be held; as GB18030, as a workbook.
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let changed = text
        .replacen("受理,,", "受理,调解成功,2025-03-01", 1)
        .replacen("2025-02-03,普通", "2025-02-04,普通", 2);
    let utf8 = sent.path().join("utf8.csv");
    std::fs::write(&utf8, &changed).unwrap();
    let gb18030 = sent.path().join("gb18030.csv");
    std::fs::write(&gb18030, recoded(changed.as_bytes())).unwrap();
    let mut table = Table::parse(
        &county
            .text("complaints")
            .lines()
            .take(5)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    table.rows[3][6] = "2025-02-31".to_owned();
    table.rows[2][7] = "别的".to_owned();
    let xlsx = sent.path().join("book.xlsx");
    std::fs::write(&xlsx, table.xlsx()).unwrap();

    on_both_engines(|engine| {
        let world = World::empty(engine)
            .env("DAISHAN_LOG__FILTER", "trace")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1");
        let temporary = world.cli.folder().join("temporary");
        let back = world.cli.folder().join("back");
        for new in [&temporary, &back] {
            std::fs::create_dir(new).unwrap();
        }
        let world = world.env("TMPDIR", temporary.to_str().unwrap());
        let mut told = Told(Vec::new());
        let data = folder.to_str().unwrap();
        assert_eq!(told.run(&world, &["demo", "--once", "--data", data]), 0);
        for path in [&path, &utf8, &gb18030, &xlsx] {
            let import = [
                "import",
                path.to_str().unwrap(),
                "--by",
                "示例员",
                "--source",
                BUREAU,
            ];
            let covers = ["--covers", "2015-01-01..2025-06-30", "--kind", "complaints"];
            let back = ["--refused-dir", back.to_str().unwrap()];
            for more in [&["--dry-run"][..], &back, &["--json"]] {
                let arguments = [&import[..], &covers, more].concat();
                assert_eq!(told.run(&world, &arguments), 0, "{}", path.display());
            }
        }
        for arguments in [&["held"][..], &["held", "--json"], &["doctor"]] {
            told.run(&world, arguments);
        }
        let rows = world.tables();
        assert!(!rows["held_change"].is_empty());
        let refused = std::fs::read_dir(&back).unwrap().count();
        assert_eq!(refused, 4, "each file has refused rows");
        told.database(&world, &world.database);
        told.check();
    });
}

#[test]
fn the_search_finds_what_is_there() {
    for form in forms("欧阳") {
        assert!(holds(&[b"before ", &form[..], b" after"].concat(), "欧阳"));
    }
    assert!(!holds("欧".as_bytes(), "欧阳"));
}
