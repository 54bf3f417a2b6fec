use crate::support::on_both_engines;
use daishan_credit::store::insert::{Insert, OnConflict, insert, row};
use daishan_credit::store::schema::{self, bank};
use daishan_credit::store::{Batch, Committer, Conn, Store, StoreError};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Writes a bank an act; says in which batch.
#[derive(Default)]
struct Banks {
    batches: Arc<AtomicUsize>,
    /// Held while a batch must not go on.
    gate: Arc<std::sync::Mutex<()>>,
}

#[derive(Clone)]
struct Bank(String, String);

impl Insert for Bank {
    row!(bank, |row| {
        id: &row.0,
        name: &row.1,
        recorded_at: &0i64,
    });
}

impl Batch for Banks {
    type Act = Bank;
    type Answer = usize;

    fn weight(_: &Bank) -> usize {
        1
    }

    fn run(&self, conn: &mut Conn, acts: &[Bank]) -> Result<Vec<usize>, StoreError> {
        drop(self.gate.lock().unwrap());
        insert(conn, acts, OnConflict::Fail)?;
        assert!(acts.iter().all(|act| act.1 != "panic"), "asked for");
        let batch = self.batches.fetch_add(1, Ordering::SeqCst);
        Ok(vec![batch; acts.len()])
    }
}

fn rows(store: &Store) -> i64 {
    let mut conn = store.connection().unwrap();
    schema::bank::table.count().get_result(&mut *conn).unwrap()
}

fn submit_all(
    committer: &Committer<Banks>,
    acts: Vec<Bank>,
) -> Vec<(String, Result<usize, StoreError>)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut waiting = tokio::task::JoinSet::new();
        for act in acts {
            let committer = committer.clone();
            waiting.spawn(async move { (act.0.clone(), committer.submit(act).await) });
        }
        waiting.join_all().await
    })
}

fn crowd(count: usize) -> Vec<Bank> {
    (0..count)
        .map(|number| Bank(format!("bank-{number}"), "甲".to_owned()))
        .collect()
}

#[test]
fn a_crowd_is_written_together() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let banks = Banks::default();
        let batches = banks.batches.clone();
        let committer = Committer::start(store.clone(), banks).unwrap();
        let answers = submit_all(&committer, crowd(1000));
        assert!(answers.iter().all(|(_, answer)| answer.is_ok()));
        assert_eq!(rows(&store), 1000);
        assert!(batches.load(Ordering::SeqCst) < 100);
    });
}

#[test]
fn what_the_engine_refuses_falls_alone() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let banks = Banks::default();
        let gate = banks.gate.clone();
        let committer = Committer::start(store.clone(), banks).unwrap();
        // So many that PostgreSQL is given them by COPY, and the last halves of them one by one.
        let mut acts = crowd(200);
        acts[17].0 = "bank-3".to_owned();
        // PostgreSQL refuses U+0000, SQLite takes it; the doors let none in.
        acts[140].1 = "\0".to_owned();
        let held = gate.lock().unwrap();
        let answers = std::thread::scope(|scope| {
            let answers = scope.spawn(|| submit_all(&committer, acts));
            std::thread::sleep(std::time::Duration::from_millis(100));
            drop(held);
            answers.join().unwrap()
        });
        let refused: Vec<_> = answers
            .iter()
            .filter(|(_, answer)| answer.is_err())
            .collect();
        let expected = if store.url().is_sqlite() { 1 } else { 2 };
        assert_eq!(refused.len(), expected, "{refused:?}");
        assert!(
            refused
                .iter()
                .all(|(_, answer)| matches!(answer, Err(StoreError::Broken(_))))
        );
        assert_eq!(rows(&store), 200 - expected as i64);
    });
}

#[test]
fn a_full_queue_answers_at_once_and_a_panic_ends_nothing() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let banks = Banks::default();
        let gate = banks.gate.clone();
        let committer = Committer::start(store.clone(), banks).unwrap();
        let panicked = submit_all(&committer, vec![Bank("one".to_owned(), "panic".to_owned())]);
        assert!(matches!(panicked[0].1, Err(StoreError::Broken(_))));

        let held = gate.lock().unwrap();
        let answers = std::thread::scope(|scope| {
            let answers = scope.spawn(|| submit_all(&committer, crowd(6000)));
            std::thread::sleep(std::time::Duration::from_millis(300));
            drop(held);
            answers.join().unwrap()
        });
        let full = answers
            .iter()
            .filter(|(_, answer)| matches!(answer, Err(StoreError::QueueFull)))
            .count();
        let written = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
        assert!(full > 1000 && full + written == 6000, "{full} {written}");
        assert_eq!(rows(&store), written as i64);
    });
}

#[test]
fn what_panics_falls_alone_and_the_writer_goes_on() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let banks = Banks::default();
        let gate = banks.gate.clone();
        let committer = Committer::start(store.clone(), banks).unwrap();
        let mut acts = crowd(60);
        for place in [17, 40] {
            acts[place].1 = "panic".to_owned();
        }
        let held = gate.lock().unwrap();
        let answers = std::thread::scope(|scope| {
            let answers = scope.spawn(|| submit_all(&committer, acts));
            std::thread::sleep(std::time::Duration::from_millis(100));
            drop(held);
            answers.join().unwrap()
        });
        let failed: Vec<_> = answers.iter().filter(|(_, told)| told.is_err()).collect();
        assert_eq!(failed.len(), 2, "{failed:?}");
        let told = |(id, told): &&(String, Result<usize, StoreError>)| {
            ["bank-17", "bank-40"].contains(&id.as_str())
                && !told.as_ref().unwrap_err().is_temporary()
        };
        assert!(failed.iter().all(told), "{failed:?}");
        assert_eq!(rows(&store), 58);
        let after = submit_all(&committer, vec![Bank("after".to_owned(), "甲".to_owned())]);
        assert!(after[0].1.is_ok());
    });
}

#[test]
fn what_a_write_refuses_leaves_nothing() {
    on_both_engines(|engine| {
        let (store, _database) = engine.store();
        let refused = store.write(|conn| {
            insert(conn, &crowd(1), OnConflict::Fail)?;
            Err::<(), _>(daishan_credit::store::Failure::Refused("no"))
        });
        assert!(matches!(
            refused,
            Err(daishan_credit::store::Failure::Refused("no"))
        ));
        assert_eq!(rows(&store), 0);
        let kept = store.write(|conn| {
            Ok::<_, daishan_credit::store::Failure<&str>>(insert(
                conn,
                &crowd(1),
                OnConflict::Fail,
            )?)
        });
        assert_eq!(kept.unwrap(), 1);
        let named = store.read(|conn| {
            let name: String = schema::bank::table
                .filter(schema::bank::id.eq("bank-0"))
                .select(schema::bank::name)
                .first(conn)?;
            Ok::<_, daishan_credit::store::Failure<&str>>(name)
        });
        assert_eq!(named.unwrap(), "甲");
    });
}
