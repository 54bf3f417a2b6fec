//! Once a business date, whoever is due is scored.

use super::world::{World, cells, count, expected, query};
use crate::support::{Engine, ManualClock, on_both_engines};
use daishan_credit::app::App;
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::nightly::nightly;
use daishan_credit::flows::rescore::{Rescored, Scoring, rescore_while};
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::http;
use daishan_credit::job::{LEASE_SECONDS, RESCORE, records::claim};
use daishan_credit::kernel::{Clock, Id, Instant, SystemRandomness, WorkingDays};
use daishan_credit::merchant::Merchant;
use daishan_credit::register::Kinds;
use daishan_credit::score::Cards;
use daishan_credit::score::records::mark_stale;
use daishan_credit::settings::Settings;
use daishan_credit::store::schema::current_score;
use daishan_credit::store::{Conn, Failure, Store, error::Never};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

const CARD: &str = "daishan-2026.1";

/// What scoring needs, with a clock that the test moves.
pub struct Night {
    kinds: Kinds,
    cards: Cards,
    calendar: WorkingDays,
    clock: ManualClock,
    stop: AtomicBool,
}

/// A clock that does something whenever it is asked.
struct Busy<F>(ManualClock, F);

impl<F: Fn(&ManualClock) + Send + Sync> Clock for Busy<F> {
    fn now(&self) -> Instant {
        (self.1)(&self.0);
        self.0.now()
    }
}

impl Night {
    pub fn new() -> Self {
        let configuration = Configuration::embedded();
        let kinds = configuration.kinds().unwrap();
        let cards = configuration.cards(&kinds).unwrap();
        let clock = ManualClock::at("2030-01-01T00:00:00+08:00");
        Self {
            kinds,
            cards,
            calendar: configuration.working_days().unwrap(),
            clock,
            stop: AtomicBool::new(false),
        }
    }

    pub fn run(&self, store: &Store, day: &str, holder: u8) -> Result<Option<Rescored>, String> {
        self.run_by(&self.clock, store, day, holder)
    }

    fn run_by(
        &self,
        clock: &dyn Clock,
        store: &Store,
        day: &str,
        holder: u8,
    ) -> Result<Option<Rescored>, String> {
        let scoring = self.scoring(clock, day);
        nightly(store, scoring, [holder; 16], &self.stop).map_err(|error| error.to_string())
    }

    fn scoring<'a>(&'a self, clock: &'a dyn Clock, day: &str) -> Scoring<'a> {
        Scoring {
            kinds: &self.kinds,
            card: self.cards.get(CARD).unwrap(),
            card_name: CARD,
            today: day.parse().unwrap(),
            calendar: &self.calendar,
            clock,
            randomness: &SystemRandomness,
        }
    }

    /// Scores everybody, and does something before the first page is written.
    fn all(&self, store: &Store, day: &str, first: impl FnOnce()) {
        let (scoring, mut first) = (self.scoring(&self.clock, day), Some(first));
        let slices = &mut Slices::Committing(store);
        let mut goes_on = || {
            first.take().into_iter().for_each(|first| first());
            Ok(true)
        };
        rescore_while(slices, scoring, true, &Unwatched, &mut goes_on).unwrap();
    }
}

/// How many of the sample's merchants change by that day.
fn due(day: &str) -> u64 {
    let scores = cells(&expected("daishan", "expected_scores.csv"));
    let changes = |row: &&BTreeMap<String, String>| {
        let next = row["next_change_on"].as_str();
        !next.is_empty() && next <= day
    };
    scores.values().filter(changes).count() as u64
}

/// Each merchant's present score, without when and under which id it was given: the points, not what they were
/// computed from.
pub fn present(world: &World) -> Vec<String> {
    let sql = "SELECT uscc || ' ' || standing || ' ' || points || ' ' || COALESCE(tier, '-') || ' ' || \
               COALESCE(tier_cap, '-') || ' ' || completeness || ' ' || COALESCE(s.next_change_on, 0) || ' ' || \
               COALESCE(c.next_change_on, 0) || ' ' || red_lines || '\t' || parts AS line \
               FROM current_score c JOIN score s ON s.merchant_id = c.merchant_id AND s.id = c.score_id \
               JOIN merchant m ON m.id = c.merchant_id ORDER BY uscc";
    let rows = query(&world.database.open(), sql);
    let points = |row: &String| {
        let (row, parts) = row.split_once('\t').unwrap();
        let parts: Vec<(i64, i64, char, Option<i64>)> = serde_json::from_str(parts).unwrap();
        let points: Vec<i64> = parts.iter().map(|part| part.0).collect();
        format!("{row} {points:?}")
    };
    rows.iter().map(points).collect()
}

#[test]
fn a_business_date_that_turns_rescores_exactly_those_who_are_due() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let night = Night::new();
        // The day on which all were scored: nobody is due.
        let none = Rescored::default();
        let first = night.run(&world.database.open(), "2025-12-31", 1);
        assert_eq!(first, Ok(Some(none)));
        let mut due_before = 0;
        for day in ["2026-01-31", "2026-02-15"] {
            let other = world.copy().env("DAISHAN_BUSINESS_DATE", day);
            let rescored = night.run(&world.database.open(), day, 1).unwrap().unwrap();
            assert!(due(day) > due_before, "the day changes nothing");
            if due_before == 0 {
                // Those whom the first list says, and later also those that have changed in between.
                assert_eq!(rescored.merchants, due(day));
            }
            due_before = due(day);
            assert!(rescored.scores <= rescored.merchants && rescored.scores > 0);
            let all = other.ok(&["rescore", "--all"]);
            assert!(all.starts_with("已评 340 户，"), "{all}");
            let (found, wanted) = (present(&world), present(&other));
            assert_eq!(found.len(), 340);
            for (found, wanted) in found.iter().zip(&wanted) {
                assert_eq!(found, wanted, "{day}");
            }
        }
    });
}

#[test]
fn of_two_instances_one_does_the_night_s_work() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (night, store) = (Night::new(), world.database.open());
        let nights: Vec<_> = std::thread::scope(|scope| {
            let start = |holder| {
                let (night, store) = (&night, &store);
                scope.spawn(move || night.run(store, "2026-01-31", holder).unwrap())
            };
            let running: Vec<_> = (1..=4).map(start).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let done: Vec<Rescored> = nights.into_iter().flatten().collect();
        assert_eq!(done.len(), 1, "{done:?}");
        assert_eq!(done[0].merchants, due("2026-01-31"));
        assert_eq!(count(&store, "job_run"), 1);
    });
}

#[test]
fn a_night_that_was_left_undone_is_done_by_another_once_its_lease_is_over() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (night, store) = (Night::new(), world.database.open());
        let (day, now) = ("2026-01-31".parse().unwrap(), night.clock.now());
        let claimed =
            store.write(|conn| Ok::<_, Failure<Never>>(claim(conn, RESCORE, day, [7; 16], now)?));
        assert!(claimed.unwrap());
        assert_eq!(night.run(&store, "2026-01-31", 8), Ok(None));
        night.clock.advance(LEASE_SECONDS - 1);
        assert_eq!(night.run(&store, "2026-01-31", 8), Ok(None));
        night.clock.advance(2);
        let done = night.run(&store, "2026-01-31", 8).unwrap().unwrap();
        assert_eq!(done.merchants, due("2026-01-31"));
    });
}

#[test]
fn a_night_that_failed_may_be_tried_again_at_once() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (night, store) = (Night::new(), world.database.open());
        for holder in [1, 2] {
            let told = night.run(&store, "2023-12-31", holder).unwrap_err();
            assert!(told.contains("2024-01-01"), "{told}");
        }
        assert_eq!(query(&store, "SELECT CAST(finished_at AS TEXT) AS line FROM job_run WHERE finished_at IS NOT NULL").len(), 0);
    });
}

/// A day by which every score has changed, so that the night has many pages.
const LATE: &str = "2026-12-31";

#[test]
fn a_night_told_to_stop_ends_between_pages_and_another_does_the_rest_at_once() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (night, store) = (Night::new(), world.database.open());
        let asked = AtomicUsize::new(0);
        let clock = Busy(
            ManualClock::at("2030-01-01T00:00:00+08:00"),
            |clock: &ManualClock| {
                clock.advance(1);
                let stops = asked.fetch_add(1, Ordering::SeqCst) == 8;
                night.stop.fetch_or(stops, Ordering::SeqCst);
            },
        );
        assert_eq!(night.run_by(&clock, &store, LATE, 1), Ok(None));
        let done = "SELECT CAST(count(*) AS TEXT) AS line FROM current_score WHERE as_of = \
                    (SELECT max(business_date) FROM job_run)";
        let done: u64 = query(&store, done)[0].parse().unwrap();
        assert!((1..300).contains(&done), "{done}");
        night.stop.store(false, Ordering::SeqCst);
        let rest = night.run(&store, LATE, 2).unwrap().unwrap();
        let all = count(&store, "merchant") as u64;
        assert!(
            rest.merchants > 0 && rest.merchants + done <= all,
            "{rest:?}"
        );
        assert_eq!(
            night.run(&store, LATE, 3),
            Ok(None),
            "the night is finished"
        );
    });
}

#[test]
fn a_night_that_takes_long_keeps_its_lease() {
    on_both_engines(|engine| {
        let world = World::sample(engine);
        let (night, store) = (Night::new(), world.database.open());
        let (begun, left) = (night.clock.now(), AtomicI64::new(LEASE_SECONDS));
        let clock = Busy(
            ManualClock::at("2030-01-01T00:00:00+08:00"),
            |clock: &ManualClock| {
                clock.advance(20);
                let lease = "SELECT CAST(lease_until AS TEXT) AS line FROM job_run";
                for until in query(&store, lease) {
                    let until = Instant::from_micros(until.parse().unwrap()).seconds();
                    left.fetch_min(until - clock.now().seconds(), Ordering::SeqCst);
                }
            },
        );
        assert!(night.run_by(&clock, &store, LATE, 1).unwrap().is_some());
        let took = clock.0.now().seconds() - begun.seconds();
        assert!(took > 2 * LEASE_SECONDS, "{took} s are no long night");
        assert!(left.load(Ordering::SeqCst) > 0, "another might have joined");
    });
}

/// The merchants that are scored first.
const FIRST: &str = "SELECT merchant_id FROM current_score ORDER BY merchant_id LIMIT 64";

/// Takes all statements from the first merchants, as facts go that are found to be of others: no coverage tells of it.
fn take_away_statements(store: &Store) {
    let versions = format!(
        "INSERT INTO fact_version (merchant_id, kind, key, version, recorded_at, delivery_id, content) \
         SELECT merchant_id, kind, key, max(version) + 1, max(recorded_at), (SELECT id FROM delivery LIMIT 1), '' \
         FROM fact_version WHERE kind = 'statements' AND merchant_id IN ({FIRST}) GROUP BY merchant_id, kind, key"
    );
    let take = |conn: &mut Conn| {
        let heads = current_score::table.select(current_score::merchant_id);
        let first = heads.order(current_score::merchant_id).limit(64);
        let first: Vec<Id<Merchant>> = first.load(conn)?;
        mark_stale(conn, &first)?;
        let taken = conn.batch_execute(&versions);
        Ok::<_, Failure<Never>>(taken?)
    };
    store.write(take).unwrap();
}

#[test]
fn facts_that_change_while_scores_are_computed_are_not_passed_over() {
    on_both_engines(|engine| {
        let never = World::sample(engine);
        let (before, meanwhile) = (never.copy(), never.copy());
        let night = Night::new();
        let scored = |world: &World, first: &dyn Fn(&Store)| {
            let store = world.database.open();
            // As after an import that broke off: that a head is stale tells nobody that facts have changed since.
            let stale = "UPDATE current_score SET stale = STALE";
            let is_true = if matches!(engine, Engine::Sqlite) {
                "1"
            } else {
                "TRUE"
            };
            let mut conn = store.connection().unwrap();
            conn.batch_execute(&stale.replace("STALE", is_true))
                .unwrap();
            drop(conn);
            night.all(&store, "2026-01-31", || first(&store));
            present(world)
        };
        take_away_statements(&before.database.open());
        let wanted = scored(&before, &|_| ());
        let found = scored(&meanwhile, &take_away_statements);
        assert_eq!(found.len(), 340);
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found, wanted);
        }
        let with_them = scored(&never, &|_| ());
        let changed = wanted.iter().filter(|line| !with_them.contains(line));
        assert!(changed.count() > 10, "the statements say nothing");
    });
}

#[test]
fn a_server_told_to_stop_does_not_wait_for_the_night_s_work() {
    let world = World::sample(Engine::Sqlite);
    let configuration = Configuration::embedded();
    let command_line = [
        ("database.url", world.database.url.clone()),
        ("business_date", LATE.to_owned()),
        ("server.workers", "1".to_owned()),
    ];
    let settings = Settings::load(&configuration, [], command_line).unwrap();
    let slow = Busy(
        ManualClock::at("2030-01-01T00:00:00+08:00"),
        |clock: &ManualClock| {
            clock.advance(1);
            std::thread::sleep(Duration::from_millis(400));
        },
    );
    let app = App::build(
        settings,
        &configuration,
        Arc::new(slow),
        Arc::new(SystemRandomness),
    );
    let app = actix_web::web::Data::new(app.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let shutdown = async { tokio::time::sleep(Duration::from_secs(2)).await };
    let began = std::time::Instant::now();
    let served = http::serve(app, listener, shutdown);
    actix_web::rt::System::new().block_on(served).unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(8),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(
        count(&world.database.open(), "job_run"),
        1,
        "the night had begun"
    );
}
