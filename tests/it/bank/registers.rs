//! The registers of a few merchants of the sample county, and how they go on.

use super::county::County;
use crate::access::world::World;
use daishan_credit::flows::import::{Import, import_files, import_folder};
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::take_file::{FileOrder, SourceCovers, Surroundings};
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::intake::{County as Folder, Limits};
use std::path::Path;

/// Rated; one penalty that counts; both purposes without an end.
pub const GOOD: &str = "92330921MA000DT152";
/// Rated; two penalties; both purposes without an end.
pub const TWICE: &str = "92330921MA000DFH7A";
/// Rated; may be asked about before a loan only, until 2026-05-02.
pub const BEFORE_LOAN: &str = "92330921MA000DWY48";
/// A red line.
pub const RED: &str = "92330921MA000EX059";
/// A penalty caps the tier at B.
pub const CAPPED: &str = "92330921MA000EWJ43";
/// Has not let the bank ask.
pub const SILENT: &str = "92330921MA000FH9X0";
/// A code that no register holds.
pub const UNKNOWN: &str = "92330921MA0000058X";

pub const MERCHANTS: [&str; 6] = [GOOD, TWICE, BEFORE_LOAN, RED, CAPPED, SILENT];

pub const RCB: &str = "岱山农村商业银行";
const AUTHORISATIONS: &str = "授权书编号,统一社会信用代码,商户名称,被授权机构,授权用途,授权方式,签署日期,有效期至,撤回日期\n";

/// Writes those rows of the sample county that are about some of its merchants, with a second bank.
pub fn write_folder(into: &Path, merchants: &[&str]) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sample/daishan");
    let document = std::fs::read_to_string(sample.join("county.toml")).unwrap();
    let other = "\n[[bank]]\nid = \"other\"\nname = \"别的银行\"\n";
    std::fs::write(into.join("county.toml"), document + other).unwrap();
    for entry in std::fs::read_dir(&sample).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("expected") || !name.ends_with(".csv") {
            continue;
        }
        // Some are GB18030; a code is the same bytes in both.
        let bytes = std::fs::read(&path).unwrap();
        let says = |line: &[u8]| {
            let holds = |code: &&str| line.windows(18).any(|part| part == code.as_bytes());
            merchants.iter().any(holds)
        };
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
        let kept = lines.filter(|(place, line)| *place == 0 || says(line));
        let kept: Vec<u8> = kept.flat_map(|(_, line)| line.to_vec()).collect();
        std::fs::write(into.join(name), kept).unwrap();
    }
}

impl County {
    /// Takes the folder again, as it stands now. Nobody is scored.
    pub fn take_folder(&self) -> Import {
        take_folder(self, self.folder.path())
    }

    /// Takes the folder with another business date (or `none`), a second later. Nobody is scored.
    pub fn move_business_date(&self, day: &str) {
        self.advance(1);
        let path = self.folder.path().join("county.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| match line.split_once(" = ") {
            Some(("business_date", _)) if day == "none" => String::new(),
            Some(("business_date", _)) => format!("business_date = {day}\n"),
            _ => format!("{line}\n"),
        });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
        self.take_folder();
    }

    /// Takes one file of rows, given with its header. Nobody is scored.
    pub fn take(&self, kind: &str, source: &str, text: &str) -> Import {
        self.take_until("2025-12-31", kind, source, text)
    }

    /// The same, covered until another day.
    pub fn take_until(&self, day: &str, kind: &str, source: &str, text: &str) -> Import {
        let path = self.folder.path().join("later.csv");
        std::fs::write(&path, text).unwrap();
        let sources = vec![SourceCovers {
            source,
            from: "2022-01-01".parse().unwrap(),
            until: day.parse().unwrap(),
        }];
        let order = FileOrder {
            path: &path,
            name: "later.csv",
            kind: Some(kind),
            sources,
            corrects: false,
        };
        let slices = &mut Slices::Committing(&self.app.store);
        around(self, |around| import_files(slices, around, &[order])).unwrap()
    }

    /// Takes the authorisation of that number in a new version.
    pub fn authorise(&self, row: &str) {
        let taken = self.take(
            "authorisations",
            "岱山县市场监督管理局",
            &format!("{AUTHORISATIONS}{row}\n"),
        );
        let counts = &taken.report.kinds["authorisations"];
        assert_eq!(
            (counts.refused, counts.held),
            (0, 0),
            "{:?}",
            taken.report.refusals
        );
        assert_eq!(counts.new + counts.changed, 1);
    }

    /// Takes new merchants into the roster: their codes and when they opened.
    pub fn found(&self, merchants: &[(&str, &str)]) {
        let mut text = "经营者注册名称,统一社会信用代码,门店名称,经营者类型,经营类别,食品经营,单元类型,所在区县,\
            所在乡镇,详细地址,所属商圈,成立日期,负责人电话,线下无理由退货承诺,认定日期,单元状态,摘牌日期\n"
            .to_owned();
        for (uscc, opened_on) in merchants {
            text += &format!(
                "新店,{uscc},新店,个体工商户,零售,是,放心消费商店,岱山县,高亭镇,一号,,{opened_on},,7天,{opened_on},在期,\n"
            );
        }
        let taken = self.take("roster", "岱山县市场监督管理局", &text);
        let counts = &taken.report.kinds["roster"];
        assert_eq!(
            counts.new,
            merchants.len() as u64,
            "{:?}",
            taken.report.refusals
        );
    }

    /// Takes penalties in a new version each.
    pub fn take_penalties(&self, text: &str) {
        let taken = self.take("penalties", "岱山县市场监督管理局", text);
        let counts = &taken.report.kinds["penalties"];
        assert_eq!(
            (counts.refused, counts.held, counts.unchanged),
            (0, 0, 0),
            "{:?}",
            taken.report.refusals
        );
        assert!(counts.changed > 0);
    }
}

/// The sample's penalties of a merchant, with these columns changed.
pub fn penalties(uscc: &str, changes: &[(&str, &str)]) -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sample/daishan");
    let bytes = std::fs::read(sample.join("行政处罚.csv")).unwrap();
    let (text, _, _) = encoding_rs::GB18030.decode(&bytes);
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let columns: Vec<&str> = header.split(',').collect();
    let mut changed = format!("{header}\n");
    for line in lines.filter(|line| line.contains(uscc)) {
        let mut cells: Vec<&str> = line.split(',').collect();
        for (column, value) in changes {
            let place = columns.iter().position(|name| name == column).unwrap();
            cells[place] = value;
        }
        changed += &format!("{}\n", cells.join(","));
    }
    changed
}

/// A good code that no register holds, one for each number.
pub fn code(number: u32) -> String {
    const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut code = format!("92330921MA1{number:06}");
    let (mut sum, mut weight) = (0, 1);
    for character in code.chars() {
        sum += CHARACTERS.find(character).unwrap() * weight;
        weight = weight * 3 % 31;
    }
    let check = (31 - sum % 31) % 31;
    code.push_str(&CHARACTERS[check..=check]);
    code
}

fn around<T>(world: &World, act: impl FnOnce(Surroundings<'_>) -> T) -> T {
    let (app, limits, by) = (&world.app, Limits::default(), "test".parse().unwrap());
    act(Surroundings {
        kinds: &app.kinds,
        limits: &limits,
        clock: &*app.clock,
        randomness: &*app.randomness,
        watch: &Unwatched,
        by: &by,
        refused_dir: None,
    })
}

pub fn take_folder(world: &World, path: &Path) -> Import {
    let county = Folder::open(path, &world.app.kinds).unwrap();
    let document = std::fs::read_to_string(path.join("county.toml")).unwrap();
    let slices = &mut Slices::Committing(&world.app.store);
    around(world, |around| {
        import_folder(slices, around, path, &county, &document)
    })
    .unwrap()
}
