//! Writing inspection rules.

use super::row::RuleRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::inspection_rules::dsl as r;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::inspection_rule::InspectionRule;
use uuid::Uuid;

/// Stores a new rule and returns it with its row number.
///
/// **Errors**: [`DbError::Conflict`] with `InspectionRuleUuid`.
pub async fn insert(conn: &mut Conn, rule: &InspectionRule) -> Result<InspectionRule, DbError> {
    let row = RuleRow::new(rule)?;
    let id =
        on!(conn, |c| diesel::insert_into(r::inspection_rules).values(&row).returning(r::id).get_result(c))?;
    Ok(InspectionRule { id, ..rule.clone() })
}

/// Writes all of `rule`; false if it does not exist any more. The last writer wins.
pub async fn save(conn: &mut Conn, rule: &InspectionRule) -> Result<bool, DbError> {
    let (uuid, row) = (rule.uuid.to_string(), RuleRow::new(rule)?);
    let written =
        on!(conn, |c| diesel::update(r::inspection_rules).filter(r::uuid.eq(&uuid)).set(&row).execute(c))?;
    Ok(written == 1)
}

/// Deletes a rule; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(r::inspection_rules).filter(r::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}
