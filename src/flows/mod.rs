//! Business acts, one a file, one transaction each (a delivery: one a slice).

pub mod advance_claim;
pub mod answer_bank;
pub mod bank_lines;
pub mod check_ledger;
pub mod compute_claims;
pub mod decide_held;
pub mod declare_programmes;
pub mod dispute_fact;
pub mod financing;
pub mod import;
pub mod issue_token;
pub mod list_claims;
pub mod list_lines;
pub mod list_scores;
pub mod manage_clients;
pub mod nightly;
pub mod once;
pub mod report_line;
pub mod rescore;
pub mod rotate_key;
pub mod slices;
pub mod stored_answer;
pub mod summarise;
pub mod take_file;
pub mod take_slice;
pub mod watch;
