//! `daishan openapi`: prints the documentation of the doors.

use super::{Failed, print};
use crate::http;
use clap::Args;

/// 输出接口文档 · Print the OpenAPI document
#[derive(Args)]
pub struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> Result<(), Failed> {
        let document = http::openapi::document();
        print(&http::openapi::text_of(&document).map_err(Failed::new)?)
    }
}
