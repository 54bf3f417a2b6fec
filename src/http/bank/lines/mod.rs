//! A bank reports its lines of credit, and looks at them.

mod asked;
mod look;
mod report;
mod shown;

pub(super) use asked::{Named, broken, name};

use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(report::grant)
        .service(report::event)
        .service(report::movement)
        .service(report::position)
        .service(report::agreed)
        .service(look::list)
        .service(look::one);
}
