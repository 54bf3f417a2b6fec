//! `daishan report`: its figures, and the lists behind them.

mod county;
mod lists;
mod sample;
mod world;
