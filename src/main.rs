//! Parses the command line and hands over.

/// Answers are made of many small pieces, on more threads than one, for which the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    daishan_credit::cli::run()
}
