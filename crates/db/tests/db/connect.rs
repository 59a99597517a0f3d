//! What an operator reads when the database cannot be opened.

use ferric_db::{DatabaseConfig, DbError, Store};

async fn refusal(url: &str) -> (DbError, String) {
    let config = DatabaseConfig { url: url.to_owned(), connect_timeout_secs: 0, ..DatabaseConfig::default() };
    assert!(!format!("{config:?}").contains("hunter2"));
    let Err(error) = Store::connect(&config).await else { panic!("{url} was opened") };
    let text = format!("{error} {error:?}");
    (error, text)
}

#[tokio::test]
async fn the_key_is_named_and_the_password_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "this is no database, and it is longer than the header of one; ".repeat(9))
        .unwrap();
    let below_a_file = format!("sqlite:{}/x.db", file.display());
    let no_database = format!("sqlite:{}", file.display());
    let unusable = ["", "mysql://u:hunter2@h/d", "sqlite:", &below_a_file, &no_database];
    // Characters that were not encoded make pieces of the password look like a host, a port or a database.
    let unparsable = [
        "postgres://u:x@hunter2:y@127.0.0.1:1/d",
        "postgres://u:x@hunter2@127.0.0.1:1/d",
        "postgres://u:x@127.0.0.1:1/hunter2@d",
        "postgres://u:x@127.0.0.1:1/d?sslmode=hunter2",
        "postgres://u:hunter2@127.0.0.1:1/d?sslrootcert=/",
        "postgres://u:hunter2@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=/nowhere.pem",
    ];
    for url in unusable.into_iter().chain(unparsable) {
        let (error, text) = refusal(url).await;
        assert!(matches!(error, DbError::Config { .. }) && !error.retryable(), "{url}: {text}");
        assert!(text.contains("database.url") && !text.contains("hunter2"), "{url}: {text}");
    }
    let (error, text) = refusal("postgres://fred:hunter2@127.0.0.1:1/d").await;
    assert!(matches!(error, DbError::Unreachable { .. }) && error.retryable(), "{text}");
    for part in ["database.url", "user fred", "127.0.0.1", "port 1", "database d"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}
