//! `ferric migrate`: brings the database to this version's schema.

use crate::config::Config;
use anyhow::Context;
use ferric_db::Store;

/// Applies what is pending and says what it was.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let store = Store::connect(&config.database).await?;
    let applied = store.migrate().await.context("the database cannot be migrated")?;
    match applied.as_slice() {
        [] => println!("the database is up to date"),
        names => println!("applied: {}", names.join(", ")),
    }
    Ok(())
}
