//! Group commit: acts that come in crowds are decided and written together, one transaction for all that wait.
//!
//! A thread takes what is queued, reads what the batch needs, decides each act, writes everything, commits, and only
//! then releases the answers. On PostgreSQL a second thread works while the first waits for the engine: batches run side
//! by side there anyway, from other instances. A refusal by a rule is an answer; what the engine refuses for good, and what
//! panics, is bisected down to the one act.

use super::{Conn, Failure, Store, StoreError, error::Never};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// A kind of act that comes in crowds.
pub trait Batch: Send + Sync + 'static {
    type Act: Send + 'static;
    type Answer: Send + 'static;

    /// How many rows an act stands for; a batch is bounded by their sum.
    fn weight(act: &Self::Act) -> usize;

    /// Decides and writes all acts; one answer each, in their order. May run more than once.
    fn run(&self, conn: &mut Conn, acts: &[Self::Act]) -> Result<Vec<Self::Answer>, StoreError>;
}

type Waiting<B> = (
    <B as Batch>::Act,
    oneshot::Sender<Result<<B as Batch>::Answer, StoreError>>,
);

type Queue<B> = Mutex<mpsc::Receiver<Waiting<B>>>;

/// The door for acts of one kind. Cheap to clone; the threads end when the last clone is gone.
pub struct Committer<B: Batch> {
    queue: mpsc::Sender<Waiting<B>>,
}

impl<B: Batch> Clone for Committer<B> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
        }
    }
}

/// How many acts may wait before a further one is told to come back.
const QUEUE: usize = 4096;
/// Acts and rows of one transaction.
const MOST_ACTS: usize = 256;
const MOST_ROWS: usize = 2_000;

impl<B: Batch> Committer<B> {
    /// Starts the threads.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub fn start(store: Store, batch: B) -> std::io::Result<Self> {
        let (queue, acts) = mpsc::channel(QUEUE);
        let (batch, acts) = (Arc::new(batch), Arc::new(Mutex::new(acts)));
        for _ in 0..store.url().writers() {
            let (store, batch, acts) = (store.clone(), batch.clone(), acts.clone());
            std::thread::Builder::new()
                .name("committer".to_owned())
                .spawn(move || serve(&store, &*batch, &acts))?;
        }
        Ok(Self { queue })
    }

    /// How many acts wait to be taken.
    pub fn waiting(&self) -> usize {
        QUEUE - self.queue.capacity()
    }

    /// Queues an act and waits until it is durable.
    ///
    /// # Errors
    /// [`StoreError::QueueFull`] at once where too many wait; else what the store says.
    pub async fn submit(&self, act: B::Act) -> Result<B::Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue
            .try_send((act, answer))
            .map_err(|_| StoreError::QueueFull)?;
        answered.await.unwrap_or(Err(StoreError::Busy))
    }
}

/// Takes what waits; nothing where nobody can queue any more.
fn take<B: Batch>(queue: &Queue<B>, taken: &mut Vec<Waiting<B>>) -> usize {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.blocking_recv_many(taken, MOST_ACTS)
}

fn serve<B: Batch>(store: &Store, batch: &B, queue: &Queue<B>) {
    let mut taken = Vec::with_capacity(MOST_ACTS);
    while take::<B>(queue, &mut taken) > 0 {
        while !taken.is_empty() {
            let mut rows = 0;
            let fits = taken.iter().take_while(|(act, _)| {
                rows += B::weight(act);
                rows <= MOST_ROWS
            });
            let count = fits.count().max(1);
            let (acts, waiting): (Vec<_>, Vec<_>) = taken.drain(..count).unzip();
            let answers = decide(store, batch, &acts);
            // What the acts hold is let go of first: whoever has an answer and asks again finds nothing in the way.
            drop(acts);
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                // Whoever no longer waits has gone away.
                let _ = waiting.send(answer);
            }
        }
    }
}

fn decide<B: Batch>(
    store: &Store,
    batch: &B,
    acts: &[B::Act],
) -> Vec<Result<B::Answer, StoreError>> {
    match attempt(store, batch, acts) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(StoreError::Broken(_) | StoreError::Content(_) | StoreError::Panicked)
            if acts.len() > 1 =>
        {
            let (left, right) = acts.split_at(acts.len() / 2);
            let mut answers = decide(store, batch, left);
            answers.extend(decide(store, batch, right));
            answers
        }
        Err(error) => {
            tracing::warn!(%error, acts = acts.len(), "a batch was not committed");
            let again = || {
                if error.is_temporary() {
                    StoreError::Busy
                } else {
                    StoreError::Broken(diesel::result::Error::RollbackTransaction)
                }
            };
            acts.iter().map(|_| Err(again())).collect()
        }
    }
}

/// A panic must not end the thread, nor fail those who happen to wait beside the act that brings it about.
fn attempt<B: Batch>(
    store: &Store,
    batch: &B,
    acts: &[B::Act],
) -> Result<Vec<B::Answer>, StoreError> {
    let write = || store.write(|conn| Ok::<_, Failure<Never>>(batch.run(conn, acts)?));
    match catch_unwind(AssertUnwindSafe(write)) {
        Ok(outcome) => outcome.map_err(StoreError::from),
        Err(_) => Err(StoreError::Panicked),
    }
}
