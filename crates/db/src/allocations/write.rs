//! Writing allocations.

use super::row::AllocationRow;
use crate::conn::{Conn, on};
use crate::error::DbError;
use crate::schema::allocations::dsl as a;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ferric_model::allocation::Allocation;
use time::OffsetDateTime;
use uuid::Uuid;

/// Stores a new allocation and returns it with its row number and generation 1.
///
/// **Errors**: [`DbError::Conflict`] with `AllocationUuid`, `AllocationName`, `AllocationNode` or `NodeGone`.
pub async fn insert(conn: &mut Conn, allocation: &Allocation) -> Result<Allocation, DbError> {
    let mut allocation = Allocation { generation: 1, ..allocation.clone() };
    let row = AllocationRow::new(&allocation)?;
    allocation.id =
        on!(conn, |c| diesel::insert_into(a::allocations).values(&row).returning(a::id).get_result(c))?;
    Ok(allocation)
}

/// Writes all of `allocation` if it still has the generation it was read with, and counts the generation up.
///
/// False means that somebody else wrote first: nothing is changed, read again and decide anew.
///
/// **Errors**: [`DbError::Conflict`] with `AllocationName`, `AllocationNode` or `NodeGone`.
pub async fn save(conn: &mut Conn, allocation: &Allocation, now: OffsetDateTime) -> Result<bool, DbError> {
    let (uuid, read) = (allocation.uuid.to_string(), allocation.generation);
    let row = AllocationRow::new(allocation)?.written(read + 1, now);
    let written = on!(conn, |c| diesel::update(a::allocations)
        .filter(a::uuid.eq(&uuid))
        .filter(a::generation.eq(read))
        .set(&row)
        .execute(c))?;
    Ok(written == 1)
}

/// Deletes an allocation, whatever it has become; false if it did not exist.
pub async fn delete(conn: &mut Conn, uuid: Uuid) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(a::allocations).filter(a::uuid.eq(&uuid)).execute(c))?;
    Ok(deleted == 1)
}

/// Deletes an allocation if it still has this generation.
pub async fn delete_unchanged(conn: &mut Conn, uuid: Uuid, generation: i64) -> Result<bool, DbError> {
    let uuid = uuid.to_string();
    let deleted = on!(conn, |c| diesel::delete(a::allocations)
        .filter(a::uuid.eq(&uuid))
        .filter(a::generation.eq(generation))
        .execute(c))?;
    Ok(deleted == 1)
}
