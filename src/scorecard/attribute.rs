//! The attributes of a characteristic: tried in order, the first that holds gives its partial score.

use super::{
    outcome::{Mark, OTHER_WORD, ReadingSet},
    reader::Table,
};
use crate::kernel::{Bilingual, text::normalised};

/// One row of a characteristic.
#[derive(Debug)]
pub struct Attribute {
    pub partial_score: i32,
    /// The code under which a gap is told: the attribute's own, else the characteristic's.
    pub reason_code: Box<str>,
    /// What a merchant is told where this costs points; none where it cannot.
    pub reason: Option<Bilingual>,
    pub(super) set: ReadingSet,
    /// Whether what it tests is not known.
    pub(super) missing: bool,
    /// Whether its feed may be incomplete and it is known nevertheless.
    pub(super) never_missing: bool,
    pub(super) not_applicable: bool,
    bounds: (bool, bool),
    otherwise: bool,
}

impl Attribute {
    /// Reads an `[[characteristic.attribute]]` table. `words` gathers the words that are tested.
    pub(super) fn read(table: &Table<'_>, code: &str, words: &mut Vec<Box<str>>) -> Self {
        let told = table.page.told();
        let (low, high) = bounds(table);
        let otherwise = table.flag("otherwise");
        let mut set = ReadingSet::EMPTY;
        if otherwise {
            set = ReadingSet::ALL;
        } else if low.is_some() || high.is_some() {
            set.low = low.unwrap_or(i64::MIN);
            set.high = high.unwrap_or(i64::MAX);
        }
        for node in table.get("mark").into_iter().chain(table.list("marks")) {
            match node.text().and_then(Mark::named) {
                Some(mark) => set.marks |= mark.bit(),
                None => node.fault(
                    format!("标记只有 {}", marks(&Mark::ALL)),
                    format!("the marks are {}", marks(&Mark::ALL)),
                ),
            }
        }
        for node in table.get("word").into_iter().chain(table.list("words")) {
            let word: Box<str> = normalised(node.text().unwrap_or("")).into();
            let place = words.iter().position(|known| *known == word);
            let place = place.unwrap_or_else(|| {
                words.push(word);
                words.len() - 1
            });
            if place >= usize::from(OTHER_WORD) {
                node.fault("词语过多（至多63个）", "too many words (63 at most)");
            } else {
                set.words |= 1 << place;
            }
        }
        if set == ReadingSet::EMPTY && table.page.told() == told {
            table.fault("没有条件", "it tests nothing");
        }
        let own_code = table.text("reason_code").unwrap_or(code);
        Self {
            partial_score: table.need_small("partial_score"),
            reason_code: own_code.into(),
            reason: table.bilingual("reason"),
            set,
            missing: table.flag("missing"),
            never_missing: table.flag("never_missing"),
            not_applicable: table.flag("not_applicable"),
            bounds: (low.is_some(), high.is_some()),
            otherwise,
        }
    }
}

/// The lowest and the highest number that an attribute takes.
fn bounds(table: &Table<'_>) -> (Option<i64>, Option<i64>) {
    let equals = table.integer("equals");
    let above = table.integer("above").and_then(|n| n.checked_add(1));
    let below = table.integer("below").and_then(|n| n.checked_sub(1));
    let low = [equals, table.integer("at_least"), above];
    let high = [equals, table.integer("at_most"), below];
    let one = |list: [Option<i64>; 3]| {
        if list.iter().flatten().count() > 1 {
            table.fault(
                "同一侧的界限写了两次",
                "a bound of the same side is stated twice",
            );
        }
        list.into_iter().flatten().next()
    };
    let (low, high) = (one(low), one(high));
    if let (Some(low), Some(high)) = (low, high)
        && low > high
    {
        table.fault("下界高于上界", "the lower bound lies above the upper one");
    }
    (low, high)
}

fn marks(marks: &[Mark]) -> String {
    let names: Vec<&str> = marks.iter().map(|mark| mark.as_str()).collect();
    names.join(", ")
}

/// What a feature may say.
pub(super) struct Domain<'w> {
    pub marks: Vec<Mark>,
    pub numbers: bool,
    /// The words that attributes name, where the feature says words.
    pub words: &'w [Box<str>],
    /// The closed list of the column; none where any other word may come.
    pub closed: Option<&'w [Box<str>]>,
}

impl Domain<'_> {
    /// Whether the column may hold a word.
    fn knows(&self, word: &str) -> bool {
        self.closed
            .is_none_or(|list| list.iter().any(|known| normalised(known) == word))
    }
}

/// Tells gaps, overlaps and attributes that nothing can reach. Features say no numbers below 0.
pub(super) fn check(table: &Table<'_>, rows: &[(Table<'_>, Attribute)], domain: &Domain<'_>) {
    let mut left = Left::new(domain);
    for (at, (row, attribute)) in rows.iter().enumerate() {
        let earlier = &rows[..at];
        if earlier
            .iter()
            .any(|(_, earlier)| overlap(earlier, attribute))
        {
            row.fault(
                "与前面的属性重叠",
                "it overlaps with an attribute that comes before it",
            );
        }
        let unsaid = match attribute.otherwise {
            true => 0,
            false => attribute.set.marks & !left.says,
        };
        if unsaid != 0 {
            let list: Vec<Mark> = Mark::ALL
                .into_iter()
                .filter(|m| unsaid & m.bit() != 0)
                .collect();
            row.fault(
                format!("此特征不会给出 {}", marks(&list)),
                format!("this feature never says {}", marks(&list)),
            );
        }
        if !left.take(&attribute.set) && unsaid == 0 {
            row.fault("永远不会轮到此属性", "nothing can reach this attribute");
        }
    }
    for word in domain.words.iter().filter(|word| !domain.knows(word)) {
        table.fault(
            format!("该列没有词语 {word}"),
            format!("the column has no word {word}"),
        );
    }
    for (zh, en) in left.gaps(domain) {
        table.fault(
            format!("没有属性接住{zh}"),
            format!("no attribute takes {en}"),
        );
    }
}

/// Attributes that look the same way (>= 120, >= 60) share by their order, and one that is open to a side takes what
/// exact ones before it left. One with two bounds says exactly what it takes, and two that look different ways
/// must not meet.
fn overlap(earlier: &Attribute, later: &Attribute) -> bool {
    if earlier.otherwise || later.otherwise {
        return false;
    }
    let (a, b) = (&earlier.set, &later.set);
    let shared = a.low.max(b.low) <= a.high.min(b.high);
    let both = (true, true);
    let alike = later.bounds != both && (earlier.bounds == later.bounds || earlier.bounds == both);
    (shared && !alike && a.low <= a.high && b.low <= b.high)
        || a.marks & b.marks != 0
        || a.words & b.words != 0
}

/// What no attribute has taken so far.
struct Left {
    says: u16,
    marks: u16,
    words: u64,
    numbers: Vec<(i64, i64)>,
}

impl Left {
    fn new(domain: &Domain<'_>) -> Self {
        let says = domain.marks.iter().fold(0, |bits, mark| bits | mark.bit());
        let named = domain.words.iter().enumerate();
        let mut words = named.fold(0, |bits, (place, _)| bits | 1 << (place & 63));
        let other = domain.closed.is_none_or(|list| {
            let mut list = list.iter().map(|word| normalised(word));
            list.any(|word| !domain.words.iter().any(|named| **named == *word))
        });
        if !domain.words.is_empty() && other {
            words |= 1 << OTHER_WORD;
        }
        Self {
            says,
            marks: says,
            words,
            numbers: if domain.numbers {
                vec![(0, i64::MAX)]
            } else {
                Vec::new()
            },
        }
    }

    /// Takes away what a set holds; false where that is nothing.
    fn take(&mut self, set: &ReadingSet) -> bool {
        let before = (self.marks, self.words, self.numbers.clone());
        self.marks &= !set.marks;
        self.words &= !set.words;
        if set.low <= set.high {
            let apart = self.numbers.iter().flat_map(|&(low, high)| {
                let below = (low, high.min(set.low.saturating_sub(1)));
                let above = (low.max(set.high.saturating_add(1)), high);
                let above = (set.high < i64::MAX).then_some(above);
                let below = (set.low > i64::MIN).then_some(below);
                [below, above]
                    .into_iter()
                    .flatten()
                    .filter(|(low, high)| low <= high)
            });
            self.numbers = apart.collect();
        }
        before != (self.marks, self.words, self.numbers.clone())
    }

    fn gaps(&self, domain: &Domain<'_>) -> Vec<(String, String)> {
        let mut gaps = Vec::new();
        for (low, high) in &self.numbers {
            gaps.push(match *high {
                i64::MAX => (format!(" {low} 及以上"), format!("{low} and above")),
                high => (format!(" {low} 至 {high}"), format!("{low} to {high}")),
            });
        }
        for mark in domain
            .marks
            .iter()
            .filter(|mark| self.marks & mark.bit() != 0)
        {
            gaps.push((format!("标记 {mark}"), format!("the mark {mark}")));
        }
        if self.words >> OTHER_WORD & 1 == 1 {
            gaps.push(("其他词语".to_owned(), "other words".to_owned()));
        }
        gaps
    }
}
