//! Which methods each path has, read from the documentation: so that a known path with another method is told apart
//! from an unknown one.

use super::{Code, Problem};
use actix_web::dev::ResourceDef;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::{OpenApi, PathItem};

/// The paths and their methods.
pub struct RouteTable(Vec<(ResourceDef, Vec<&'static str>)>);

impl RouteTable {
    pub fn new(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        let rows = paths.map(|(path, item)| {
            // The pages' names have slashes in them.
            let pattern = path.replace("{page}", "{page:.*}");
            (ResourceDef::new(pattern), methods(item))
        });
        Self(rows.collect())
    }

    /// The methods of a path; empty where there is no such path.
    fn allowed(&self, path: &str) -> Vec<&'static str> {
        let fitting = self.0.iter().filter(|(pattern, _)| pattern.is_match(path));
        let mut allowed: Vec<_> = fitting.flat_map(|(_, methods)| methods).copied().collect();
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }
}

/// The methods that a path's documentation has.
pub fn methods(item: &PathItem) -> Vec<&'static str> {
    let known = [
        ("GET", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    let there = known.into_iter().filter(|(_, there)| *there);
    there.map(|(method, _)| method).collect()
}

/// What answers where no door does.
pub async fn no_door(
    request: HttpRequest,
    table: web::Data<RouteTable>,
) -> Result<HttpResponse, Problem> {
    let allowed = table.allowed(request.path()).join(", ");
    Err(match HeaderValue::from_str(&allowed) {
        Ok(allow) if !allowed.is_empty() => {
            Problem::new(Code::MethodNotAllowed).header(ALLOW, allow)
        }
        _ => Problem::new(Code::NotFound),
    })
}
