//! The composition root: everything that a door or a command needs, made once and handed in.

use crate::access::{Keys, SealingKey, SecretSource};
use crate::county::records::latest;
use crate::county::{business_date, card_name};
use crate::embedded::{Configuration, ConfigurationError};
use crate::flows::answer_bank::AnswerBank;
use crate::flows::report_lines::ReportLines;
use crate::flows::rescore::Scoring;
use crate::flows::world::World;
use crate::idempotency::InFlight;
use crate::kernel::{Clock, Day, Id, Randomness, WorkingDays};
use crate::metrics::Metrics;
use crate::register::Kinds;
use crate::score::{Cards, NoSuchCard};
use crate::scorecard::Scorecard;
use crate::settings::Settings;
use crate::store::{Batch, Committer, Conn, Failure, Store, StoreError};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The program's parts. One for the life of the program; doors share it.
pub struct App {
    pub settings: Settings,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub kinds: Arc<Kinds>,
    pub cards: Arc<Cards>,
    pub calendar: Arc<WorkingDays>,
    /// The same, as the committers know it.
    world: World,
    /// Where banks' queries are decided and logged.
    pub answers: Committer<AnswerBank>,
    /// Where banks' reports of lines are kept.
    pub line_reports: Committer<ReportLines>,
    /// What issues and checks access tokens.
    pub keys: Keys,
    pub metrics: Metrics,
    /// Which requests under idempotency keys are being dealt with.
    pub in_flight: InFlight,
    /// As many acts speak to the database at once as there are connections.
    turns: Arc<Semaphore>,
}

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("无法启动线程：{0} · no thread could be started: {0}")]
    Thread(#[from] std::io::Error),
}

impl App {
    /// Opens the database that the settings name, makes it where it is missing, brings it up to date, and puts the
    /// parts together.
    ///
    /// # Errors
    /// Where the configuration or the database is not fit for use.
    pub fn build(
        settings: Settings,
        configuration: &Configuration,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, BuildError> {
        let database = &settings.database;
        let store = Store::open(&database.url, true, database.connections)?;
        store.migrate()?;
        Self::assemble(store, settings, configuration, clock, randomness)
    }

    /// Puts the parts together around a database that is open and up to date.
    ///
    /// # Errors
    /// Where the configuration is not fit for use.
    pub fn assemble(
        store: Store,
        settings: Settings,
        configuration: &Configuration,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, BuildError> {
        let kinds = Arc::new(configuration.kinds()?);
        let cards = Arc::new(configuration.cards(&kinds)?);
        let calendar = Arc::new(configuration.working_days()?);
        let world = World {
            kinds: kinds.clone(),
            cards: cards.clone(),
            calendar: calendar.clone(),
            clock: clock.clone(),
            randomness: randomness.clone(),
            business_date: settings.business_date,
            card: settings.scorecard.clone(),
        };
        let answers = Committer::start(store.clone(), AnswerBank::new(world.clone()))?;
        let line_reports = Committer::start(store.clone(), ReportLines::new(world.clone()))?;
        let metrics = Metrics::new();
        watch(
            &metrics,
            &answers,
            "committer_waiting",
            "Queries that wait for the committer",
        );
        watch(
            &metrics,
            &line_reports,
            "line_reports_waiting",
            "Reports of lines that wait for their committer",
        );
        let connections = usize::try_from(settings.database.connections).unwrap_or(1);
        Ok(Self {
            turns: Arc::new(Semaphore::new(connections)),
            metrics,
            in_flight: InFlight::default(),
            keys: keys(&settings),
            kinds,
            cards,
            calendar,
            world,
            answers,
            line_reports,
            settings,
            store,
            clock,
            randomness,
        })
    }

    /// The business date, and the name of the card by which the county's merchants are scored.
    pub fn today(&self, conn: &mut Conn) -> Result<(Day, String), StoreError> {
        let county = latest(conn)?;
        let today = business_date(self.settings.business_date, county.as_ref()).today(&*self.clock);
        Ok((
            today,
            card_name(&self.settings.scorecard, county.as_ref()).to_owned(),
        ))
    }

    /// The card by which the county's merchants are scored.
    ///
    /// # Errors
    /// Where the configuration does not hold the card that the county names: then no query can be answered.
    pub fn card(&self) -> Result<&Scorecard, Failure<NoSuchCard>> {
        let (_, name) = self.store.read(|conn| Ok(self.today(conn)?))?;
        self.cards.get(&name).map_err(Failure::Refused)
    }

    /// What scoring on a date needs to know of the world.
    pub fn scoring<'a>(
        &'a self,
        card: &'a Scorecard,
        card_name: &'a str,
        today: Day,
    ) -> Scoring<'a> {
        self.world.scoring(card, card_name, today)
    }

    /// A new id for this moment.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::new(self.clock.now(), &*self.randomness)
    }

    /// The public base URL and OAuth issuer.
    pub fn issuer(&self) -> &str {
        self.keys.issuer()
    }

    /// Leave to speak to the database.
    pub(crate) fn turns(&self) -> Arc<Semaphore> {
        self.turns.clone()
    }
}

impl Drop for App {
    /// What SQLite has in its log goes into the file, so that whoever copies the file of a program that has ended has
    /// everything. The log would do as well; it is only easily forgotten.
    fn drop(&mut self) {
        if let Err(error) = self.store.settle() {
            tracing::debug!(%error, "the log of the database stays beside it");
        }
    }
}

/// Counts what waits for a committer.
fn watch<B: Batch>(
    metrics: &Metrics,
    committer: &Committer<B>,
    name: &'static str,
    help: &'static str,
) {
    let queue = committer.clone();
    metrics.watch(name, help, move || {
        i64::try_from(queue.waiting()).unwrap_or(i64::MAX)
    });
}

/// The keys as the settings have them: the issuer is the address listened on where no other is set.
fn keys(settings: &Settings) -> Keys {
    let server = &settings.server;
    let issuer = match &server.issuer {
        Some(issuer) => issuer.clone(),
        None => format!("http://{}", server.listen),
    };
    let secret = settings
        .secret
        .as_ref()
        .map(|it| SealingKey::from_bytes(*it.bytes()));
    let source = SecretSource::new(secret, settings.key_file.clone(), &settings.database.url);
    Keys::new(&issuer, source, settings.token_lifetime)
}
