//! Reports that are kept together come to what they come to one by one: the same answers, lines, sums of days and open
//! advice, whatever is corrected, told again, told of another line or refused among them.

use super::reports::{grant, movement};
use crate::bank::county::{County, id};
use crate::bank::registers::{CAPPED, GOOD, RED, UNKNOWN};
use crate::intake::world::query;
use crate::support::{Engine, TestApp, TestDatabase, on_both_engines};
use daishan_credit::access::Client;
use daishan_credit::answer::Answer;
use daishan_credit::county::records::bank_by_id;
use daishan_credit::credit_line::records::{lines, papers};
use daishan_credit::credit_line::report::{
    Direction, Grant, Happened, Limit, Movement, Override, PositionReport,
};
use daishan_credit::credit_line::{KIND, Line, Moved, Report, Reported, Reports};
use daishan_credit::flows::once::NotOnce;
use daishan_credit::flows::report_lines::{
    KeptReport, LineReport, Reply, ReportLines, ReportRefusal,
};
use daishan_credit::flows::world::World;
use daishan_credit::idempotency::{Answered, Asked, InFlight, Refusal};
use daishan_credit::kernel::{Day, Id, Money, Uscc};
use daishan_credit::store::error::Never;
use daishan_credit::store::{Batch, Committer, Failure, Store, StoreError};
use diesel::connection::SimpleConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SEEDS: u64 = 4;
const REPORTS: usize = 120;
const BANKS: [&str; 2] = ["rcb", "other"];
/// A line of the first bank's ledger.
const IN_LEDGER: &str = "DSNS-20250528-0023";

/// A county as it is before anything is reported, and who reports.
struct Town {
    database: Arc<TestDatabase>,
    world: World,
    /// Of the two banks, and one that there is not.
    clients: [Id<Client>; 3],
    /// Answers of the first bank, about GOOD and CAPPED.
    answers: [Id<Answer>; 2],
    as_of: Day,
}

impl Town {
    fn new(engine: Engine) -> Self {
        let mut county = County::start(engine);
        county.stand_alone();
        let answers = [GOOD, CAPPED].map(|uscc| id(&county.ask(uscc).json()).parse().unwrap());
        let app = &county.app;
        let world = World {
            kinds: app.kinds.clone(),
            cards: app.cards.clone(),
            calendar: app.calendar.clone(),
            clock: app.clock.clone(),
            randomness: app.randomness.clone(),
            business_date: app.settings.business_date,
            card: app.settings.scorecard.clone(),
        };
        let as_of = app
            .store
            .read(|conn| Ok::<_, Failure<Never>>(app.today(conn)?.0));
        let [one, other] = [&county.bank, &county.other].map(|it| it.client.parse().unwrap());
        Self {
            database: county.database.clone(),
            clients: [one, other, Id::from_bytes([7; 16])],
            as_of: as_of.unwrap(),
            answers,
            world,
        }
    }

    fn place(&self) -> Place<'_> {
        let database = self.database.copy();
        let store = database.open();
        let reports = ReportLines::new(self.world.clone());
        Place {
            town: self,
            _database: database,
            store,
            reports,
        }
    }
}

/// A database of its own in which reports are kept.
struct Place<'t> {
    town: &'t Town,
    store: Store,
    reports: ReportLines,
    _database: TestDatabase,
}

/// A report, by whom and under which key.
#[derive(Clone, Debug)]
struct Told {
    who: usize,
    agreement: String,
    report: Report,
    key: String,
}

impl Told {
    fn act(&self, town: &Town) -> LineReport {
        let client = town.clients[self.who];
        let path = format!("/{}", self.agreement);
        let body = serde_json::to_string(&self.report).unwrap();
        let asked = Asked::new(client, "POST", &path, &self.key, &body);
        LineReport {
            client,
            bank: BANKS[self.who % 2].into(),
            asked,
            agreement: self.agreement.clone(),
            report: self.report.clone(),
            person: "R1".to_owned(),
            tell,
            guard: InFlight::default().enter(asked.key).unwrap(),
        }
    }
}

/// All that there is to tell.
fn tell(kept: KeptReport) -> Result<Answered, StoreError> {
    Ok(Answered {
        status: 201,
        body: format!("{kept:?}"),
    })
}

impl Place<'_> {
    fn keep(&self, told: &[Told]) -> Vec<Reply> {
        let acts: Vec<LineReport> = told.iter().map(|told| told.act(self.town)).collect();
        let keep = |conn: &mut _| Ok::<_, Failure<Never>>(self.reports.run(conn, &acts)?);
        self.store.write(keep).unwrap()
    }

    /// The lines of both banks, which are also what all versions of all reports come to.
    fn lines(&self) -> Vec<Line> {
        let (kinds, as_of) = (&self.town.world.kinds, self.town.as_of);
        let kind = kinds.named(KIND).unwrap();
        let read = |bank: &str| {
            self.store.read(|conn| {
                let bank = bank_by_id(conn, bank)?;
                let found = lines(conn, kinds, &bank, None, as_of)?;
                let kept = papers(conn, kinds, &bank, None, as_of)?;
                Ok::<_, Failure<Never>>((bank, found, kept))
            })
        };
        let mut all = Vec::new();
        for name in BANKS {
            let (bank, mut found, kept) = read(name).unwrap();
            let mut told = self.reread(name);
            let again = kept.into_iter().filter_map(|(agreement, mut papers)| {
                papers.reports = told.remove(&agreement).unwrap_or_default();
                papers.line(kind, &bank.name, &agreement, as_of)
            });
            let again: Vec<Line> = again.collect();
            found.sort_by(|a, b| a.agreement.cmp(&b.agreement));
            assert_eq!(found, again);
            assert!(told.is_empty(), "{told:?}");
            all.extend(found);
        }
        all
    }

    /// What all versions say, by line, whatever sums are kept.
    fn reread(&self, bank: &str) -> BTreeMap<String, Reports> {
        let rows = query(
            &self.store,
            &format!(
                "SELECT agreement || '|' || kind || '|' || key || '|' || CAST(version AS TEXT) || '|' || content AS line \
                 FROM line_report WHERE bank_id = '{bank}'"
            ),
        );
        let mut versions: BTreeMap<String, Vec<Reported>> = BTreeMap::new();
        for row in rows {
            let cells: Vec<&str> = row.splitn(5, '|').collect();
            let report = (!cells[4].is_empty()).then(|| serde_json::from_str(cells[4]).unwrap());
            let of_line = versions.entry(cells[0].to_owned()).or_default();
            of_line.push(Reported {
                kind: cells[1].to_owned(),
                key: cells[2].to_owned(),
                version: cells[3].parse().unwrap(),
                report,
            });
        }
        let read = |(agreement, versions): (String, Vec<Reported>)| {
            let mut last = BTreeMap::new();
            for one in &versions {
                let known = last.entry(&one.key).or_insert(one);
                if one.kind == "movement"
                    && (known.kind != "movement" || known.version < one.version)
                {
                    *known = one;
                }
            }
            let mut sums = Reports::default();
            for one in last.into_values() {
                if let Some(Report::Movement(movement)) = &one.report {
                    sums.count(movement).unwrap();
                }
            }
            let moved: BTreeMap<Day, Moved> = sums.moved(Day::from_number(i32::MAX)).collect();
            (agreement, Reports::new(versions, moved))
        };
        versions.into_iter().map(read).collect()
    }

    /// The sums of days that are kept, without those that have come to nothing.
    fn sums(&self) -> Vec<String> {
        query(
            &self.store,
            "SELECT bank_id || ' ' || agreement || ' ' || CAST(moved_on AS TEXT) || ' ' || CAST(drawn AS TEXT) || ' ' \
             || CAST(repaid AS TEXT) AS line FROM movement_day WHERE drawn > 0 OR repaid > 0 ORDER BY 1",
        )
    }

    /// The sums kept are those of the last versions.
    fn check_sums(&self) {
        let mut again = Vec::new();
        for bank in BANKS {
            for (agreement, reports) in self.reread(bank) {
                for (on, Moved { drawn, repaid }) in reports.moved(Day::from_number(i32::MAX)) {
                    let (on, drawn, repaid) = (on.number(), drawn.fen(), repaid.fen());
                    again.push(format!("{bank} {agreement} {on} {drawn} {repaid}"));
                }
            }
        }
        let (again, kept): (BTreeSet<_>, BTreeSet<_>) = (
            again.into_iter().collect(),
            self.sums().into_iter().collect(),
        );
        assert_eq!(kept, again);
    }

    /// The advice that stands.
    fn advice(&self) -> Vec<String> {
        query(
            &self.store,
            "SELECT bank_id || ' ' || agreement || ' ' || uscc || ' ' || cause AS line FROM advice \
             WHERE lifted_at IS NULL ORDER BY 1",
        )
    }

    /// Takes the tables of sums away and makes them anew from the reports, as an older database would get them.
    fn migrate_again(&self) {
        let engine = if self.store.url().is_sqlite() {
            "sqlite"
        } else {
            "postgres"
        };
        let root = env!("CARGO_MANIFEST_DIR");
        for step in ["down", "up"] {
            let path = format!("{root}/migrations/{engine}/00000000000006_movement_day/{step}.sql");
            let sql = std::fs::read_to_string(path).unwrap();
            let mut conn = self.store.connection().unwrap();
            conn.batch_execute(&sql).unwrap();
        }
    }
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn day(&mut self) -> Day {
        let first: Day = "2025-05-20".parse().unwrap();
        first.plus_days(self.below(12) as i32)
    }

    fn money(&mut self) -> Money {
        Money::from_fen(1 + self.below(9_999) as i64)
    }

    fn answer(&mut self, town: &Town) -> Option<Id<Answer>> {
        match self.below(6) {
            0 => Some(town.answers[0]),
            1 => Some(town.answers[1]),
            _ => None,
        }
    }

    fn grant(&mut self, town: &Town) -> Report {
        Report::Grant(Grant {
            uscc: Uscc::parse(self.one_of(&[GOOD, CAPPED, RED, UNKNOWN])).unwrap(),
            product: "trusted-consumption".to_owned(),
            limit: Money::from_fen(self.one_of(&[1_000_000, 90_000_000])),
            revolving: self.below(2) == 0,
            starts_on: self
                .one_of(&["2025-01-01", "2025-05-25", "2025-12-31"])
                .parse()
                .unwrap(),
            ends_on: None,
            rate: None,
            relied_on: self.answer(town),
        })
    }

    fn movement(&mut self) -> Report {
        let on = match self.below(25) {
            0 => "2126-01-01".parse().unwrap(),
            1 => "2026-01-02".parse().unwrap(),
            _ => self.day(),
        };
        Report::Movement(Movement {
            serial: format!("S-{}", self.below(14)),
            direction: self.one_of(&[Direction::Draw, Direction::Draw, Direction::Repayment]),
            amount: self.money(),
            on,
        })
    }

    fn happened(&mut self) -> Report {
        let (on, reason) = (self.day(), None);
        let happened: fn(Happened) -> Report = match self.below(8) {
            0 => Report::Expired,
            1 => Report::Terminated,
            2 => Report::Settled,
            3..=5 => Report::Frozen,
            _ => Report::Released,
        };
        happened(Happened { on, reason })
    }

    fn report(&mut self, town: &Town) -> Report {
        match self.below(20) {
            0 | 1 => self.grant(town),
            2 => Report::Limit(Limit {
                on: self.day(),
                limit: Money::from_fen(self.one_of(&[1_000_000, 90_000_000])),
                reason: None,
                relied_on: self.answer(town),
            }),
            3 => Report::Position(PositionReport {
                on: self.day(),
                limit: self.money(),
                drawn: self.money(),
                days_overdue: None,
                classification: None,
            }),
            4 => Report::Override(Override {
                limit: self.money(),
                reason: "有抵押".to_owned(),
                approved_by: self.one_of(&["R1", "R2"]).to_owned(),
            }),
            5 | 6 => self.happened(),
            _ => self.movement(),
        }
    }
}

/// Reports as they come: some come again under their key, some with something else under it.
fn sequence(dice: &mut Dice, town: &Town) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    // So that something can be drawn from the first on.
    for number in 0..4 {
        all.push(Told {
            who: number % 2,
            agreement: format!("X-{}", number / 2),
            report: dice.grant(town),
            key: format!("first-{number}"),
        });
    }
    while all.len() < REPORTS {
        let who = dice.one_of(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
        let agreement = match dice.below(12) {
            0 => "X-9".to_owned(),
            1 => IN_LEDGER.to_owned(),
            _ => format!("X-{}", dice.below(4)),
        };
        let mut told = Told {
            who,
            agreement,
            report: dice.report(town),
            key: format!("key-{}", all.len()),
        };
        match dice.below(10) {
            0 => told = all[dice.below(all.len() as u64) as usize].clone(),
            1 => {
                let earlier = &all[dice.below(all.len() as u64) as usize];
                told.who = earlier.who;
                told.agreement.clone_from(&earlier.agreement);
                told.key.clone_from(&earlier.key);
            }
            _ => {}
        }
        all.push(told);
    }
    all
}

/// Cuts a sequence into batches in none of which the same request comes twice: over HTTP the second would not get in.
fn batches(dice: &mut Dice, all: &[Told]) -> Vec<Vec<Told>> {
    let mut batches: Vec<Vec<Told>> = vec![Vec::new()];
    let mut room = 1 + dice.below(30);
    for told in all {
        let last = batches.last_mut().unwrap();
        let is_same = |it: &Told| (it.who, &it.key) == (told.who, &told.key);
        if room == 0 || last.iter().any(is_same) {
            room = 1 + dice.below(30);
            batches.push(vec![told.clone()]);
        } else {
            last.push(told.clone());
        }
        room -= 1;
    }
    batches
}

#[test]
fn reports_kept_together_come_to_what_they_come_to_one_by_one() {
    on_both_engines(|engine| {
        let town = Town::new(engine);
        let mut seen = BTreeMap::<&str, u32>::new();
        for seed in 0..SEEDS {
            let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed);
            let all = sequence(&mut dice, &town);
            let (alone, together) = (town.place(), town.place());
            for batch in batches(&mut dice, &all) {
                let mut one_by_one = Vec::new();
                for told in &batch {
                    one_by_one.extend(alone.keep(std::slice::from_ref(told)));
                    alone.check_sums();
                }
                let at_once = together.keep(&batch);
                for ((told, one), other) in batch.iter().zip(&one_by_one).zip(&at_once) {
                    assert_eq!(one, other, "seed {seed}: {told:?}");
                    *seen.entry(word(one)).or_default() += 1;
                }
                together.check_sums();
                assert_eq!(alone.lines(), together.lines(), "seed {seed}");
                assert_eq!(alone.advice(), together.advice(), "seed {seed}");
            }
            let (lines, sums) = (together.lines(), together.sums());
            assert!(!sums.is_empty());
            together.migrate_again();
            assert_eq!((together.lines(), together.sums()), (lines, sums));
        }
        for word in [
            "kept",
            "replayed",
            "other body",
            "disabled",
            "no line",
            "future",
            "no answer",
            "same person",
        ] {
            assert!(seen.contains_key(word), "{seen:?} lacks {word}");
        }
    });
}

fn word(reply: &Reply) -> &'static str {
    match reply {
        Ok(given) if given.replayed => "replayed",
        Ok(_) => "kept",
        Err(NotOnce::Key(Refusal::OtherBody)) => "other body",
        Err(NotOnce::Key(Refusal::InFlight)) => "in flight",
        Err(NotOnce::Act(refusal)) => match refusal {
            ReportRefusal::Disabled => "disabled",
            ReportRefusal::NoSuchLine => "no line",
            ReportRefusal::InFuture => "future",
            ReportRefusal::NoSuchAnswer => "no answer",
            ReportRefusal::SamePerson => "same person",
        },
    }
}

/// Some draws of one line, under keys of their own.
fn draws(count: usize) -> Vec<Told> {
    let mut dice = Dice(1);
    let draw = |number: usize| {
        let movement = Movement {
            serial: format!("S-{number}"),
            direction: Direction::Draw,
            amount: Money::from_fen(100),
            on: dice.day(),
        };
        Told {
            who: 0,
            agreement: "X-0".to_owned(),
            report: Report::Movement(movement),
            key: format!("key-{number}"),
        }
    };
    (0..count).map(draw).collect()
}

#[test]
fn what_cannot_be_kept_falls_alone_and_a_key_used_twice_in_a_batch_is_in_flight() {
    on_both_engines(|engine| {
        let town = Town::new(engine);
        let place = town.place();
        let mut first = Told {
            who: 0,
            agreement: "X-0".to_owned(),
            report: Dice(1).grant(&town),
            key: "grant".to_owned(),
        };
        if let Report::Grant(grant) = &mut first.report {
            grant.relied_on = None;
        }
        assert_eq!(word(&place.keep(&[first.clone(), first])[1]), "in flight");
        let committer =
            Committer::start(place.store.clone(), ReportLines::new(town.world.clone())).unwrap();
        let mut acts: Vec<LineReport> = draws(60).iter().map(|told| told.act(&town)).collect();
        acts[17].tell = |_| Err(StoreError::Content("unreadable".to_owned()));
        acts[40].tell = |_| panic!("asked for");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let replies = runtime.block_on(async {
            let mut waiting = tokio::task::JoinSet::new();
            for (number, act) in acts.into_iter().enumerate() {
                let committer = committer.clone();
                waiting.spawn(async move { (number, committer.submit(act).await) });
            }
            waiting.join_all().await
        });
        let failed = replies.iter().filter(|(_, reply)| reply.is_err());
        let mut failed: Vec<usize> = failed.map(|(number, _)| *number).collect();
        failed.sort_unstable();
        assert_eq!(failed, [17, 40]);
        let refused = replies
            .iter()
            .filter(|(_, reply)| matches!(reply, Ok(Err(_))));
        assert_eq!(refused.count(), 0);
        place.check_sums();
        place.lines();
        let drawn = query(
            &place.store,
            "SELECT CAST(sum(drawn) AS TEXT) AS line FROM movement_day",
        );
        assert_eq!(drawn, ["5800"]);
    });
}

/// What one of the callers reports in its turn: draws, a correction, one that is told of its other line, and repayments.
fn turns(caller: usize) -> Vec<(String, serde_json::Value)> {
    let path = |line: usize| format!("/v1/lines/L-{caller}-{line}/movements");
    let serial = |number: usize| format!("S-{caller}-{number}");
    let mut turns = vec![
        (
            "/v1/lines".to_owned(),
            grant(&format!("L-{caller}-0"), GOOD),
        ),
        (
            "/v1/lines".to_owned(),
            grant(&format!("L-{caller}-1"), GOOD),
        ),
    ];
    for number in 0..6 {
        turns.push((path(0), movement(&serial(number), "draw", "100.00")));
        turns.push((
            path(1),
            movement(&serial(100 + number), "repayment", "0.01"),
        ));
    }
    turns.push((path(0), movement(&serial(2), "draw", "7.00")));
    turns.push((path(1), movement(&serial(3), "draw", "100.00")));
    turns.push((path(1), movement(&serial(3), "repayment", "5.00")));
    turns
}

#[test]
fn callers_who_report_at_once_are_answered_as_if_alone() {
    const CALLERS: usize = 8;
    on_both_engines(|engine| {
        let (crowd, quiet) = (County::start(engine), County::start(engine));
        let bearer = crowd.bearer(&crowd.bank);
        let twin = crowd.twin();
        let (here, there): (&TestApp, &TestApp) = (&crowd, &twin);
        let post = |caller: usize, (turn, (path, body)): (usize, &(String, serde_json::Value))| {
            let service = [here, there][caller % 2];
            let key = format!("{caller}-{turn}");
            let headers = [
                ("authorization", &*bearer),
                ("content-type", "application/json"),
                ("idempotency-key", &*key),
            ];
            let answer = service.send("POST", path, &headers, body.to_string());
            // At once again: the answer is out, so that nothing is in the way of the same request.
            let again = service.send("POST", path, &headers, body.to_string());
            assert_eq!(
                again.header("idempotent-replayed"),
                "true",
                "{}",
                again.text()
            );
            assert_eq!((again.status, &again.body), (answer.status, &answer.body));
            answer.text().to_owned()
        };
        let answers: Vec<Vec<String>> = std::thread::scope(|scope| {
            let post = &post;
            let report = |caller| {
                scope.spawn(move || {
                    let turns = turns(caller);
                    let turns = turns.iter().enumerate();
                    turns.map(|turn| post(caller, turn)).collect()
                })
            };
            let threads: Vec<_> = (0..CALLERS).map(report).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for (caller, told) in answers.iter().enumerate() {
            let alone = turns(caller);
            let alone = alone.iter().map(|(path, body)| {
                let answer = quiet.report(&quiet.bank, path, body);
                answer.text().to_owned()
            });
            assert_eq!(*told, alone.collect::<Vec<_>>());
        }
        // Nobody whose client is disabled gets even the old answer.
        crowd.disable(&crowd.bank.client);
        let (path, body) = &turns(0)[2];
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", "0-2"),
        ];
        let answer = crowd.send("POST", path, &headers, body.to_string());
        assert_eq!((answer.status, &*answer.code()), (401, "unauthenticated"));
    });
}
