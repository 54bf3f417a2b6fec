//! What banks are advised about their lines, and how they are told.

mod at_once;
mod crowd;
mod hidden;
mod kept;
mod time;
mod told;
mod world;
