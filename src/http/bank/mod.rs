//! The bank's door.

mod advice;
mod answers;
mod claims;
mod financing;
mod lines;
mod products;
mod scorecards;
mod scores;
mod statements;

use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(scores::score)
        .service(scores::query)
        .service(financing::financing)
        .service(answers::answer)
        .service(scorecards::scorecard)
        .configure(advice::routes)
        .configure(claims::routes)
        .configure(lines::routes)
        .configure(products::routes)
        .service(statements::report);
}
