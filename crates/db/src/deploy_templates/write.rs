//! Writing deploy templates.

use super::row::TemplateRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::ident::Ident;
use crate::schema::deploy_templates::dsl as d;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::deploy_template::DeployTemplate;
use time::OffsetDateTime;

/// Stores a new deploy template and returns it with its row number and generation 1.
///
/// **Errors**: [`DbError::Conflict`] with `DeployTemplateUuid` or `DeployTemplateName`.
pub async fn insert(conn: &mut Conn, template: &DeployTemplate) -> Result<DeployTemplate, DbError> {
    let mut template = DeployTemplate { generation: 1, ..template.clone() };
    let row = TemplateRow::new(&template)?;
    template.id =
        on!(conn, |c| diesel::insert_into(d::deploy_templates).values(&row).returning(d::id).get_result(c))?;
    Ok(template)
}

/// Writes all of `template` if it still has the generation it was read with, and counts the generation up.
///
/// False means that somebody else wrote first: nothing is changed, read again and decide anew.
///
/// **Errors**: [`DbError::Conflict`] with `DeployTemplateName`.
pub async fn save(conn: &mut Conn, template: &DeployTemplate, now: OffsetDateTime) -> Result<bool, DbError> {
    let (uuid, read) = (template.uuid.to_string(), template.generation);
    let row = TemplateRow::new(template)?.written(read + 1, now);
    let written = on!(conn, |c| diesel::update(d::deploy_templates)
        .filter(d::uuid.eq(&uuid))
        .filter(d::generation.eq(read))
        .set(&row)
        .execute(c))?;
    Ok(written == 1)
}

/// Deletes a deploy template; false if there was none.
pub async fn delete(conn: &mut Conn, ident: &Ident) -> Result<bool, DbError> {
    let deleted = on!(conn, Db, |c| {
        let query = diesel::delete(d::deploy_templates).into_boxed::<Db>();
        match ident {
            Ident::Uuid(uuid) => query.filter(d::uuid.eq(uuid.to_string())),
            Ident::Name(name) => query.filter(d::name.eq(name)),
        }
        .execute(c)
    })?;
    Ok(deleted == 1)
}
