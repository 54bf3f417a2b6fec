//! A progress bar on a terminal; nothing where stderr is not one.

use crate::flows::watch::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;

/// Shows on stderr how far long work has come.
#[derive(Default)]
pub struct Progress(RefCell<Option<ProgressBar>>);

const TEMPLATE: &str = "{msg:<40} [{bar:30}] {percent:>3}% {elapsed}/{eta}";

impl Watch for Progress {
    fn begin(&self, what: &str, total: u64) {
        // indicatif draws nothing where stderr is not a terminal.
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
        self.0.replace(Some(bar));
    }

    fn at(&self, done: u64) {
        if let Some(bar) = &*self.0.borrow() {
            bar.set_position(done);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}
