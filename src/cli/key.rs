//! `daishan key rotate`: a new key signs access tokens; those signed before stay good until they expire.

use super::{Context, Failed, print};
use crate::access::SealingError;
use crate::flows::rotate_key::rotate_key;
use crate::store::Failure;
use clap::{Args, Subcommand};

/// 签名密钥 · The key that signs access tokens
#[derive(Args)]
pub struct Key {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// 更换签名密钥，输出新密钥的kid；已发出的令牌到期前有效 · Change the key and print the new kid; tokens that are about stay good
    Rotate,
}

impl Key {
    pub(super) fn run(self, context: &Context) -> Result<(), Failed> {
        let Act::Rotate = self.act;
        let app = context.app(false)?;
        let kid =
            rotate_key(&app.store, &app.keys, &*app.clock, &*app.randomness).map_err(failed)?;
        print(&format!("{kid}\n"))
    }
}

/// A missing secret is a matter of settings; what else is wrong with keys is not.
pub(super) fn failed(failure: Failure<SealingError>) -> Failed {
    match failure {
        Failure::Refused(error @ SealingError::NoSecret) => Failed::usage(error),
        other => Failed::new(other),
    }
}
