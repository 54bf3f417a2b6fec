use daishan_credit::embedded::Configuration;
use daishan_credit::settings::{LogFormat, Settings, SettingsError};

fn load(environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let environment = environment
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Settings::load(&Configuration::embedded(), environment, [])
}

#[test]
fn what_is_compiled_in_holds() {
    let settings = load(&[]).unwrap();
    assert_eq!(settings.database.url.to_string(), "sqlite:daishan.db");
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.scorecard, "daishan-2026.1");
    assert_eq!(settings.token_lifetime.as_secs(), 300);
    assert!(settings.business_date.is_none() && settings.secret.is_none());
}

#[test]
fn everything_wrong_is_told_at_once_with_its_key_and_origin() {
    let Err(SettingsError::Faults(faults)) = load(&[
        ("DAISHAN_DATABASE__URL", "mysql://h/d"),
        ("DAISHAN_SERVER__LISTEN", "nowhere"),
        ("DAISHAN_SERVER__ISSUER", "https://x/"),
        ("DAISHAN_BUSINESS_DATE", "2025-02-30"),
        ("DAISHAN_KEYS__SECRET", "c2hvcnQ="),
        ("DAISHAN_TOKENS__LIFETIME", "301"),
        ("DAISHAN_LOG__FILTER", "=="),
        ("DAISHAN_NO__SUCH", "1"),
        ("PATH", "/bin"),
    ]) else {
        panic!("these settings must not hold");
    };
    let keys: Vec<_> = faults.0.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "database.url",
            "server.listen",
            "server.issuer",
            "log.filter",
            "business_date",
            "tokens.lifetime",
            "keys.secret",
            "no.such"
        ]
    );
    assert_eq!(faults.0[0].origin, "DAISHAN_DATABASE__URL");
    assert!(
        !faults.to_string().contains("c2hvcnQ="),
        "a secret must not be told"
    );
}

#[test]
fn the_later_source_wins() {
    let own = tempfile::tempdir().unwrap();
    let text =
        "business_date = \"2025-12-31\"\n[database]\nconnections = 3\n[log]\nformat = \"json\"\n";
    std::fs::write(own.path().join("default.toml"), text).unwrap();
    let configuration = Configuration::locate(Some(own.path())).unwrap();
    let environment = [("DAISHAN_DATABASE__CONNECTIONS".to_owned(), "4".to_owned())];
    let command_line = [("business_date", "2026-01-31".to_owned())];
    let settings = Settings::load(&configuration, environment, command_line).unwrap();
    assert_eq!(settings.database.connections, 4);
    assert_eq!(settings.business_date.unwrap().to_string(), "2026-01-31");
    assert_eq!(settings.log.format, LogFormat::Json);
}

#[test]
fn a_secret_shows_itself_to_nobody() {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let settings = load(&[("DAISHAN_KEYS__SECRET", secret)]).unwrap();
    assert_eq!(settings.secret.as_ref().unwrap().bytes()[31], 31);
    assert!(format!("{settings:?}").contains("***"));
}
