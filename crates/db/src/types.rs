//! Between stored values and the model's (I-8: UUIDs, words and documents are text, times are UTC without an offset).

use crate::error::DbError;
use diesel::sql_types::{Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};
use uuid::Uuid;

/// Cut to microseconds, which is what PostgreSQL keeps.
pub(crate) fn stored_time(time: OffsetDateTime) -> PrimitiveDateTime {
    let utc = time.to_offset(UtcOffset::UTC);
    let utc = utc.replace_nanosecond(utc.microsecond() * 1_000).unwrap_or(utc);
    PrimitiveDateTime::new(utc.date(), utc.time())
}

pub(crate) fn model_time(time: PrimitiveDateTime) -> OffsetDateTime {
    time.assume_utc()
}

pub(crate) fn uuid(column: &'static str, text: &str) -> Result<Uuid, DbError> {
    Uuid::try_parse(text).map_err(|_| DbError::Corrupt { column, value: text.to_owned() })
}

pub(crate) fn optional_uuid(column: &'static str, text: Option<&str>) -> Result<Option<Uuid>, DbError> {
    text.map(|text| uuid(column, text)).transpose()
}

/// Reads a word of an enum.
pub(crate) fn word<T>(
    column: &'static str,
    text: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<T, DbError> {
    find(text).ok_or_else(|| DbError::Corrupt { column, value: text.to_owned() })
}

pub(crate) fn optional_word<T>(
    column: &'static str,
    text: Option<&str>,
    find: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, DbError> {
    text.map(|text| word(column, text, find)).transpose()
}

/// Reads a JSON document; what it holds may be secret, so only the place of a mistake is told.
pub(crate) fn model_json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Corrupt {
        column,
        value: format!("not the expected document at line {} column {}", error.line(), error.column()),
    })
}

pub(crate) fn stored_json<T: Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Internal(Box::new(error)))
}

diesel::define_sql_function! {
    /// Lower case, by the rules of the back end.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

diesel::define_sql_function! {
    /// A field of a document as text; built into SQLite, made by the first migration of PostgreSQL.
    fn json_extract(document: Text, path: Text) -> Nullable<Text>;
}
