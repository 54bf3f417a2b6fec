//! The doors: who is asking, what is asked, and how a refusal is told. Thin: the acts are flows.

pub mod bank;
pub mod blocking;
pub mod body;
pub mod caller;
mod chunked;
pub mod code;
pub mod decode;
pub mod field;
pub mod health;
pub mod keyed;
pub mod money;
pub mod oauth;
pub mod openapi;
pub mod problem;
pub mod refusals;
pub mod route_table;
pub mod server;
pub mod shell;
pub mod token_request;
pub mod wire;

pub use blocking::blocking;
pub use body::{Body, Form, Params};
pub use caller::{Bank, PresentedToken};
pub use code::Code;
pub use field::{Field, List, Many, Optional};
pub use keyed::Keyed;
pub use problem::{Broken, Place, Problem};
pub use server::serve;
pub use shell::RequestId;
pub use wire::{Cause, Whole, Wire, Words};

use utoipa_actix_web::service_config::ServiceConfig;

/// All doors. A door that is not here is not in the documentation and does not exist.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    // Patterns are tried in this order, so what is asked most comes first.
    doors
        .configure(bank::routes)
        .configure(oauth::routes)
        .configure(health::routes)
        .configure(openapi::routes);
}
