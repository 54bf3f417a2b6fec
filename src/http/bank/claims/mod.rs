//! The funder of a programme of subsidy looks at claims, submits, approves and pays them.

mod act;
mod look;
mod shown;

use crate::http::{Code, Problem};
use crate::subsidy::StepRefusal;
use utoipa_actix_web::service_config::ServiceConfig;

/// The doors of this folder.
pub fn routes(doors: &mut ServiceConfig<'_>) {
    doors
        .service(look::list)
        .service(look::one)
        .service(act::submit)
        .service(act::approve)
        .service(act::pay)
        .service(act::reject);
}

impl From<StepRefusal> for Problem {
    fn from(refusal: StepRefusal) -> Self {
        let code = match refusal {
            StepRefusal::Unknown => return Self::new(Code::NotFound),
            StepRefusal::Status(_) => Code::ClaimStatus,
            StepRefusal::SamePerson => Code::SecondPersonRequired,
            StepRefusal::Amount(_) => Code::ClaimChanged,
        };
        Self::new(code).detail(refusal.to_string())
    }
}
