//! Parses the command line and hands over.

fn main() -> std::process::ExitCode {
    daishan_credit::cli::run()
}
