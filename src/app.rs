//! The composition root: everything that a door or a command needs, made once and handed in.

use crate::embedded::{Configuration, ConfigurationError};
use crate::kernel::{BusinessDate, Clock, Id, Randomness};
use crate::metrics::Metrics;
use crate::register::Kinds;
use crate::settings::Settings;
use crate::store::{Store, StoreError};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The program's parts. One for the life of the program; doors share it.
pub struct App {
    pub settings: Settings,
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub randomness: Arc<dyn Randomness>,
    pub kinds: Arc<Kinds>,
    pub metrics: Metrics,
    /// Fixed by the setting, else the calendar in Shanghai.
    pub business_date: BusinessDate,
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
        let metrics = Metrics::new();
        let date = settings.business_date;
        let date = date.map_or(BusinessDate::Shanghai, BusinessDate::Fixed);
        let told = clock.clone();
        metrics.watch(
            "business_date",
            "The business date as yyyymmdd",
            move || {
                let digits = date.today(&*told).to_string().replace('-', "");
                digits.parse().unwrap_or_default()
            },
        );
        let connections = usize::try_from(settings.database.connections).unwrap_or(1);
        Ok(Self {
            turns: Arc::new(Semaphore::new(connections)),
            metrics,
            business_date: date,
            kinds,
            settings,
            store,
            clock,
            randomness,
        })
    }

    /// A new id for this moment.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::new(self.clock.now(), &*self.randomness)
    }

    /// The public base URL and OAuth issuer.
    pub fn issuer(&self) -> String {
        let server = &self.settings.server;
        server
            .issuer
            .clone()
            .unwrap_or_else(|| format!("http://{}", server.listen))
    }

    /// Leave to speak to the database.
    pub(crate) fn turns(&self) -> Arc<Semaphore> {
        self.turns.clone()
    }
}
