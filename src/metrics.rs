//! What is counted while the program runs, for Prometheus. No label holds anything personal.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One request answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    /// The route's pattern, never the path asked for.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

type Reading = Box<dyn Fn() -> i64 + Send + Sync>;

/// The counters of one program.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Answered, Counter>,
    latency: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    watched: Mutex<Vec<(Gauge, Reading)>>,
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("daishan");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let latency = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register(
            "http_request_duration_seconds",
            "Time from the head of a request to its answer",
            latency.clone(),
        );
        let in_flight = Gauge::default();
        registry.register(
            "http_requests_in_flight",
            "Requests being answered now",
            in_flight.clone(),
        );
        registry.register(
            "build",
            "The program that runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        Self {
            registry: Mutex::new(registry),
            requests,
            latency,
            in_flight,
            watched: Mutex::default(),
        }
    }

    /// Adds a number that is read whenever the counters are shown, such as the length of a queue. It must not block.
    pub fn watch(&self, name: &str, help: &str, reading: impl Fn() -> i64 + Send + Sync + 'static) {
        let gauge = Gauge::default();
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(name, help, gauge.clone());
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.push((gauge, Box::new(reading)));
    }

    /// A request has come; it is in flight until the answer is counted or what is returned is dropped.
    pub fn arrived(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// A request has been answered.
    pub fn answered(&self, method: &'static str, route: String, status: u16, took: Duration) {
        let by_route = Route {
            route: route.clone(),
        };
        self.latency
            .get_or_create(&by_route)
            .observe(took.as_secs_f64());
        let labels = Answered {
            method,
            route,
            status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// All counters in the OpenMetrics text format.
    ///
    /// # Errors
    /// Where a counter cannot be shown.
    pub fn show(&self) -> Result<String, fmt::Error> {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        for (gauge, reading) in watched.iter() {
            gauge.set(reading());
        }
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = String::new();
        text::encode(&mut shown, &registry)?;
        Ok(shown)
    }
}

/// Upper bounds in seconds, fine around the 15 ms that a bank's query is promised.
fn histogram() -> Histogram {
    Histogram::new([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0,
    ])
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// A request on its way.
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
