//! A county whose card the configuration does not hold: told at once and everywhere, and not to the first bank.

use super::process::{Process, agent};
use crate::support::on_both_engines;

const COUNTY: &str = "county/county.toml";

#[test]
fn a_county_whose_card_is_missing_is_told_before_a_bank_asks() {
    on_both_engines(|engine| {
        let process = Process::prepare(engine, &[]);
        let running = process.serve();
        let ready = |address: &str| {
            let asked = agent().get(format!("http://{address}/readyz")).call();
            let mut answer = asked.unwrap();
            let text = answer.body_mut().read_to_string().unwrap();
            (answer.status().as_u16(), text)
        };
        assert_eq!(ready(&running.address).0, 200);
        let doctor = process.run(&["doctor"]);
        assert!(doctor.out().contains("✓ 县评分卡"), "{}", doctor.out());

        // A card of which the server that runs knows nothing.
        let (cli, folder) = (&process.cli, process.cli.folder());
        let text = std::fs::read_to_string(folder.join(COUNTY)).unwrap();
        let text = text.replace("daishan-2026.1", "daishan-2026.2");
        std::fs::write(folder.join(COUNTY), text).unwrap();
        let import = ["import", "county", "--by", "test"];
        let counts = |name| process.counts(name);
        let before = (counts("county_record"), counts("delivery"));
        let refused = cli.run(&import);
        assert_eq!((refused.code(), refused.out()), (1, ""));
        assert!(
            refused.err().contains("daishan-2026.2"),
            "{}",
            refused.err()
        );
        assert!(refused.err().contains("--config"), "{}", refused.err());
        assert_eq!((counts("county_record"), counts("delivery")), before);
        assert_eq!(ready(&running.address).0, 200);

        let card = include_str!("../../../config/scorecards/daishan-2026.1.toml");
        let cards = folder.join("other/scorecards");
        std::fs::create_dir_all(&cards).unwrap();
        let other = card.replacen("\"2026.1\"", "\"2026.2\"", 1);
        std::fs::write(cards.join("daishan-2026.2.toml"), other).unwrap();
        process.run(&[&import[..], &["--config", "other"]].concat());
        let (status, text) = ready(&running.address);
        assert_eq!(status, 503, "{text}");
        assert!(text.contains("daishan-2026.2"), "{text}");

        let doctor = cli.run(&["doctor"]);
        assert_eq!(doctor.code(), 1, "{}", doctor.out());
        let wrong = doctor.out().lines().find(|line| line.starts_with('✗'));
        assert!(
            wrong.unwrap().contains("daishan-2026.2"),
            "{}",
            doctor.out()
        );
        let serve = cli.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!((serve.code(), serve.out()), (1, ""), "{}", serve.err());
        assert!(serve.err().contains("daishan-2026.2"), "{}", serve.err());
        let serve = cli.serve(&["serve", "--listen", "127.0.0.1:0", "--config", "other"]);
        assert_eq!(ready(&serve.address).0, 200);
    });
}
