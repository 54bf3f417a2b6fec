//! The sample county, taken through the ordinary importers, and a token of a bank's.

use daishan_credit::access::Keys;
use daishan_credit::access::{Client, ClientPair, SealingKey, SecretSource};
use daishan_credit::embedded::Configuration;
use daishan_credit::flows::import::import_folder;
use daishan_credit::flows::issue_token::issue_token;
use daishan_credit::flows::manage_clients::register_client;
use daishan_credit::flows::slices::Slices;
use daishan_credit::flows::take_file::Surroundings;
use daishan_credit::flows::watch::Unwatched;
use daishan_credit::intake;
use daishan_credit::kernel::{Actor, Clock, Day, SystemClock, SystemRandomness};
use daishan_credit::merchant::records::page;
use daishan_credit::register::records::{coverage, histories};
use daishan_credit::register::{Coverage, History, Kinds};
use daishan_credit::score::{Cards, Given, give};
use daishan_credit::scorecard::{Assessment, Outcome, Scorecard};
use daishan_credit::store::{Failure, Store, StoreError};
use std::time::Duration;

/// Every merchant of the sample on its business date.
pub struct County {
    cards: Cards,
    coverage: Coverage,
    pub histories: Vec<History>,
    as_of: Day,
}

impl County {
    pub fn of_the_sample() -> Self {
        let configuration = Configuration::embedded();
        let kinds = configuration.kinds().unwrap();
        let cards = configuration.cards(&kinds).unwrap();
        let (store, folder) = database();
        let as_of = import(&store, &kinds, folder.path());
        let (histories, coverage) = store
            .read(|conn| {
                let ids: Vec<_> = page(conn, None, 10_000)?
                    .into_iter()
                    .map(|(_, id)| id)
                    .collect();
                let histories = histories(conn, &kinds, &ids, None)?;
                let histories = histories.into_iter().map(|(_, history)| history).collect();
                Ok::<_, Failure<StoreError>>((histories, coverage(conn, &kinds, None)?))
            })
            .unwrap();
        Self {
            cards,
            coverage,
            histories,
            as_of,
        }
    }

    pub fn card(&self) -> &Scorecard {
        self.cards.get("daishan-2026.1").unwrap()
    }

    /// What every merchant's features say.
    pub fn outcomes(&self) -> Vec<Vec<Outcome>> {
        let outcomes = |history| self.card().outcomes(history, &self.coverage, self.as_of);
        self.histories.iter().filter_map(outcomes).collect()
    }

    pub fn assess(&self, place: usize) -> Option<Assessment> {
        self.card()
            .assess(&self.histories[place], &self.coverage, self.as_of)
            .unwrap()
    }

    /// With the day on which it changes next.
    pub fn give(&self, place: usize) -> Option<Given> {
        give(
            self.card(),
            &self.histories[place],
            &self.coverage,
            self.as_of,
        )
        .unwrap()
    }
}

fn database() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("rules.db").display())
        .parse()
        .unwrap();
    let store = Store::open(&url, true, 2).unwrap();
    store.migrate().unwrap();
    (store, folder)
}

fn import(store: &Store, kinds: &Kinds, within: &std::path::Path) -> Day {
    let folder = within.join("daishan");
    std::fs::create_dir(&folder).unwrap();
    for (name, content) in Configuration::sample_files("daishan") {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let county = intake::County::open(&folder, kinds).unwrap();
    let document = std::fs::read_to_string(folder.join("county.toml")).unwrap();
    let around = Surroundings {
        kinds,
        limits: &intake::Limits::default(),
        clock: &SystemClock,
        randomness: &SystemRandomness,
        watch: &Unwatched,
        by: &Actor::parse("bench").unwrap(),
        refused_dir: None,
    };
    import_folder(
        &mut Slices::Committing(store),
        around,
        &folder,
        &county,
        &document,
    )
    .unwrap();
    county.business_date.unwrap()
}

/// An access token, and what verifies it.
pub struct Token {
    store: Store,
    keys: Keys,
    secret: SealingKey,
    token: String,
    _folder: tempfile::TempDir,
}

const ISSUER: &str = "http://127.0.0.1:8080";

impl Token {
    pub fn new() -> Self {
        let (store, folder) = database();
        let kinds = Configuration::embedded().kinds().unwrap();
        import(&store, &kinds, folder.path());
        let pair = ClientPair::generate().unwrap();
        let client: Client =
            register_client(&store, &SystemClock, &SystemRandomness, "rcb", &pair.public).unwrap();
        let secret = SealingKey::generate(&SystemRandomness);
        let keys = keys(&secret);
        let now = SystemClock.now();
        let assertion = pair
            .assertion(client.id, ISSUER, now, &SystemRandomness)
            .unwrap();
        let token = issue_token(
            &store,
            &keys,
            &SystemClock,
            &SystemRandomness,
            &assertion,
            None,
        );
        let token = token.unwrap().token;
        Self {
            store,
            keys,
            secret,
            token,
            _folder: folder,
        }
    }

    /// With keys that remember nothing: the published keys are read and the signature is checked.
    pub fn verify_anew(&self) -> daishan_credit::access::Caller {
        keys(&self.secret)
            .verify(&self.store, &self.token, SystemClock.now())
            .unwrap()
    }

    pub fn remembered(&self) -> daishan_credit::access::Caller {
        self.keys
            .verify(&self.store, &self.token, SystemClock.now())
            .unwrap()
    }
}

fn keys(secret: &SealingKey) -> Keys {
    Keys::new(
        ISSUER,
        SecretSource::Setting(secret.clone()),
        Duration::from_secs(300),
    )
}
